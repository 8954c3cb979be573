// Words that `cert` takes as options. The conformances are public because their types are.
public import AccessPolicy
public import ArgumentParser
public import Identity

extension Role: ExpressibleByArgument {}
extension RevocationReason: ExpressibleByArgument {}

/// `policy request` takes rights.
extension Right: ExpressibleByArgument {}
