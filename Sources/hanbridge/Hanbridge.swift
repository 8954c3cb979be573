import ArgumentParser

@main
struct Hanbridge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hanbridge", abstract: "A city's data-sharing broker.")
}
