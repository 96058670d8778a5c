/// A queue in which keys take turns: an element waits for those of its own key and for one of each other
/// key, however many the others have.
package struct FairQueue<Key: Hashable, Element> {
    private var lines: [Key: FIFO<Element>] = [:]
    /// The keys that have elements, the next one first.
    private var turns = FIFO<Key>()

    /// Elements of all keys.
    package private(set) var count = 0

    package init() {}

    package mutating func append(_ element: Element, for key: Key) {
        if lines[key] == nil { turns.append(key) }
        lines[key, default: FIFO()].append(element)
        count += 1
    }

    /// Removes the element whose turn it is.
    package mutating func popFirst() -> Element? {
        guard let key = turns.popFirst(), let element = lines[key]?.popFirst() else { return nil }
        count -= 1
        if lines[key]?.isEmpty == true { lines[key] = nil } else { turns.append(key) }
        return element
    }

    /// Keeps only the elements that match; the turns begin anew.
    package mutating func removeAll(where shouldBeRemoved: (Element) -> Bool) {
        var kept = FairQueue()
        for (key, line) in lines {
            for element in line.elements where !shouldBeRemoved(element) {
                kept.append(element, for: key)
            }
        }
        self = kept
    }
}

extension FairQueue: Sendable where Key: Sendable, Element: Sendable {}

/// First in, first out: each operation takes constant time on average.
private struct FIFO<Element> {
    private var storage: [Element?] = []
    private var firstIndex = 0

    var isEmpty: Bool { firstIndex == storage.count }
    var elements: [Element] { storage[firstIndex...].compactMap { $0 } }

    mutating func append(_ element: Element) { storage.append(element) }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[firstIndex].take()
        firstIndex += 1
        if firstIndex * 2 >= storage.count {
            storage.removeFirst(firstIndex)
            firstIndex = 0
        }
        return element
    }
}

extension FIFO: Sendable where Element: Sendable {}
