// CommitLog
