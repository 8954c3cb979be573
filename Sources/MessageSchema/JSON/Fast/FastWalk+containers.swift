extension FastWalk {
    // MARK: objects

    mutating func walkObject(_ node: UnsafeMutablePointer<FastNode>) -> Bool {
        let first = cursor.at
        guard depth < SchemaLimits.depthMax else { return undecided() }
        depth += 1
        let heldBefore = heldCount
        defer {
            depth -= 1
            heldCount = heldBefore
        }
        cursor.at += 1
        cursor.skipWhitespace()
        var seen: UInt64 = 0
        var count = 0
        if cursor.byte == 0x7D {
            cursor.at += 1
        } else {
            var expected: Int32 = 0
            repeat {
                guard cursor.byte == 0x22, walkMember(node, &seen, &expected, heldBefore) else { return false }
                count += 1
            } while nextFollows(closing: 0x7D)
            guard isClosed else { return false }
        }
        guard seen & node.pointee.required == node.pointee.required, count >= node.pointee.minProperties, count <= node.pointee.maxProperties
        else { return false }
        return node.pointee.steps.count == 0 || again(node, first, seen: seen, isArray: false)
    }

    /// After a value: steps over a comma and says so, or over the closing bracket, which `isClosed` tells.
    @inline(__always) private mutating func nextFollows(closing: UInt8) -> Bool {
        cursor.skipWhitespace()
        let byte = cursor.byte
        if byte == 0x2C {
            cursor.at += 1
            cursor.skipWhitespace()
            return true
        }
        if byte == closing {
            cursor.at += 1
            isClosed = true
        } else {
            isClosed = false
        }
        return false
    }

    @inline(__always) private mutating func walkMember(
        _ node: UnsafeMutablePointer<FastNode>, _ seen: inout UInt64, _ expected: inout Int32, _ heldBefore: Int
    ) -> Bool {
        let quote = cursor.at
        cursor.at += 1
        var value = node.pointee.additional
        let position = findKey(node.pointee.keys, expected)
        if position >= 0 {
            let key = keys + Int(node.pointee.keys.start + position)
            let bit: UInt64 = 1 << UInt64(position)
            guard seen & bit == 0 else { return false }
            seen |= bit
            expected = position + 1
            value = key.pointee.node
            cursor.at += Int(key.pointee.byteCount)
        } else {
            guard node.pointee.additional >= 0 || node.pointee.patterns.count > 0, holdKey(heldBefore) else { return false }
        }
        let behind = cursor.at
        if node.pointee.propertyNames != 0 {
            cursor.at = quote
            guard walk(node.pointee.propertyNames) else { return false }
            cursor.at = behind
        }
        cursor.skipWhitespace()
        guard cursor.byte == 0x3A else { return false }
        cursor.at += 1
        cursor.skipWhitespace()
        if node.pointee.patterns.count > 0 {
            return walkByPatterns(node, FastText(first: quote + 1, count: behind - quote - 2), position >= 0 ? value : -1)
        }
        return walk(value)
    }

    /// The key that stands at the cursor, looked for from the one that is expected on: documents have their members in the order of the
    /// schema more often than not.
    @inline(__always) private func findKey(_ range: FastRange, _ expected: Int32) -> Int32 {
        let left = cursor.end - cursor.at
        let first = keys + Int(range.start)
        var position = expected
        while position < range.count {
            if matches(first + Int(position), left) { return position }
            position += 1
        }
        position = 0
        while position < expected {
            if matches(first + Int(position), left) { return position }
            position += 1
        }
        return -1
    }

    /// Reads a key that the schema does not name, and keeps it to find a second one like it.
    private mutating func holdKey(_ heldBefore: Int) -> Bool {
        if againDepth > 0 { return !cursor.skipString() || undecided() }
        var text = JSONCursor.Text(first: cursor.at, byteCount: 0, scalarCount: 0, hasEscapes: false)
        guard cursor.scanString(&text) else { return false }
        guard !text.hasEscapes else { return undecided() }
        return hold(FastText(first: text.first, count: text.byteCount), heldBefore)
    }

    /// - Returns: false where the text is held already since `heldBefore`.
    private mutating func hold(_ text: FastText, _ heldBefore: Int) -> Bool {
        for index in heldBefore..<heldCount {
            let other = held[index]
            if other.count == text.count, JSONBytes.isEqual(UnsafeRawPointer(other.first), UnsafeRawPointer(text.first), text.count) { return false }
        }
        guard heldCount < FastLimits.heldTexts, heldCount - heldBefore < FastLimits.heldOfOne else { return undecided() }
        held[heldCount] = text
        heldCount += 1
        return true
    }

    /// - Parameter value: the node of the property that the key names; -1 where none does.
    private mutating func walkByPatterns(_ node: UnsafeMutablePointer<FastNode>, _ key: FastText, _ value: Int32) -> Bool {
        let name = UnsafeRawBufferPointer(start: key.first, count: key.count)
        let first = cursor.at
        var isCovered = value >= 0
        // Read once by the first node that covers it, so that its syntax is known.
        guard walk(max(0, value)) else { return false }
        let behind = cursor.at
        var index = Int(node.pointee.patterns.start)
        let end = index + Int(node.pointee.patterns.count)
        while index < end {
            let verdict = search(program.indices[index], in: name)
            if verdict == .tooManySteps { return undecided() }
            if verdict == .found {
                isCovered = true
                guard walkAgain(program.indices[index + 1], first, behind) else { return false }
            }
            index += 2
        }
        if isCovered { return true }
        return node.pointee.additional >= 0 && walkAgain(node.pointee.additional, first, behind)
    }

    // MARK: arrays

    mutating func walkArray(_ node: UnsafeMutablePointer<FastNode>) -> Bool {
        guard depth < SchemaLimits.depthMax else { return undecided() }
        depth += 1
        let heldBefore = heldCount
        defer {
            depth -= 1
            heldCount = heldBefore
        }
        cursor.at += 1
        cursor.skipWhitespace()
        var count = 0
        if cursor.byte == 0x5D {
            cursor.at += 1
        } else {
            repeat {
                let first = cursor.at
                let prefix = node.pointee.prefix
                guard walk(count < prefix.count ? program.indices[Int(prefix.start) + count] : node.pointee.items) else { return false }
                if node.pointee.isUnique {
                    guard holdElement(first, heldBefore) else { return false }
                }
                count += 1
            } while nextFollows(closing: 0x5D)
            guard isClosed else { return false }
        }
        return count >= node.pointee.minItems && count <= node.pointee.maxItems
    }

    /// Strings without escapes and plain integers are equal exactly where their texts are.
    private mutating func holdElement(_ first: UnsafePointer<UInt8>, _ heldBefore: Int) -> Bool {
        if first.pointee == 0x22 {
            if lastHadEscapes { return undecided() }
        } else {
            var place = first
            while place < cursor.at {
                guard place.pointee &- 0x30 <= 9 else { return undecided() }
                place += 1
            }
        }
        return hold(FastText(first: first, count: cursor.at - first), heldBefore)
    }

    // MARK: the same value again

    /// Walks a value a second time and ends behind it.
    private mutating func walkAgain(_ index: Int32, _ first: UnsafePointer<UInt8>, _ behind: UnsafePointer<UInt8>) -> Bool {
        if index == 0 { return true }
        againLeft -= behind - first
        guard againLeft >= 0, againDepth < FastLimits.againDepthMax else { return undecided() }
        againDepth += 1
        defer { againDepth -= 1 }
        cursor.at = first
        let holds = walk(index)
        cursor.at = behind
        return holds
    }

    /// Applies the steps of a node to the value between `first` and the cursor.
    /// - Parameter seen: which keys of the node an object has.
    mutating func again(_ node: UnsafeMutablePointer<FastNode>, _ first: UnsafePointer<UInt8>, seen: UInt64, isArray: Bool) -> Bool {
        let behind = cursor.at
        var step = program.steps + Int(node.pointee.steps.start)
        let end = step + Int(node.pointee.steps.count)
        while step < end {
            guard apply(step.pointee, first, behind, seen, isArray), !isUndecided else { return false }
            step += 1
        }
        return true
    }

    private mutating func apply(
        _ step: FastStep, _ first: UnsafePointer<UInt8>, _ behind: UnsafePointer<UInt8>, _ seen: UInt64, _ isArray: Bool
    ) -> Bool {
        switch step {
        case .all(let node):
            return walkAgain(node, first, behind)
        case .any(let range):
            for index in 0..<Int(range.count) {
                if walkAgain(program.indices[Int(range.start) + index], first, behind) { return true }
                if isUndecided { return false }
            }
            return false
        case .one(let range):
            var found = 0
            for index in 0..<Int(range.count) {
                if walkAgain(program.indices[Int(range.start) + index], first, behind) { found += 1 }
                if isUndecided || found > 1 { return false }
            }
            return found == 1
        case .not(let node):
            return !walkAgain(node, first, behind) && !isUndecided
        case .condition(let test, let then, let otherwise):
            let branch = walkAgain(test, first, behind) ? then : otherwise
            return !isUndecided && (branch < 0 || walkAgain(branch, first, behind))
        case .contains(let node, let min, let max):
            return !isArray || contains(node, min, max, first, behind)
        case .present(let bit, let mask, let node):
            return seen & bit == 0 || seen & mask == mask && walkAgain(node, first, behind)
        }
    }

    private mutating func contains(_ node: Int32, _ min: Int, _ max: Int, _ first: UnsafePointer<UInt8>, _ behind: UnsafePointer<UInt8>) -> Bool {
        againLeft -= behind - first
        guard againLeft >= 0 else { return undecided() }
        cursor.at = first + 1
        cursor.skipWhitespace()
        var found = 0
        while cursor.byte != 0x5D {
            let element = cursor.at
            _ = walk(0)
            let end = cursor.at
            if walkAgain(node, element, end) { found += 1 }
            if isUndecided { return false }
            cursor.skipWhitespace()
            if cursor.byte == 0x2C {
                cursor.at += 1
                cursor.skipWhitespace()
            }
        }
        cursor.at = behind
        return found >= min && found <= max
    }
}
