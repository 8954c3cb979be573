/// What the command line says of itself: its commands, their options, and what goes together.
///
/// These are names for sentences, not sentences of their own kind: `--help` is read in a person's language like all else.
public enum Help {
    /// What a command is for, in a line; and, as `…More`, what one should know before using it.
    public enum Command {}
    /// What an option or an argument means.
    public enum Option {}
    /// What was wrong about the options of one command taken together.
    public enum Usage {}
}
