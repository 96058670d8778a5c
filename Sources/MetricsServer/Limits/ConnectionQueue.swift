/// Connections in the order in which they came to a phase, so the first is the one that has been in it
/// longest: a doubly linked list through a table's slots, by descriptor.
struct ConnectionQueue {
    /// The neighbours of one connection in its queue; -1 is none.
    struct Links {
        var previous: Int32 = -1
        var next: Int32 = -1
    }

    /// The longest in the queue.
    var first: Int? { head < 0 ? nil : Int(head) }

    private var head: Int32 = -1
    private var tail: Int32 = -1

    mutating func append(_ descriptor: Int, _ links: inout [Links]) {
        links[descriptor] = Links(previous: tail, next: -1)
        if tail < 0 { head = Int32(descriptor) } else { links[Int(tail)].next = Int32(descriptor) }
        tail = Int32(descriptor)
    }

    mutating func remove(_ descriptor: Int, _ links: inout [Links]) {
        let own = links[descriptor]
        if own.previous < 0 { head = own.next } else { links[Int(own.previous)].next = own.next }
        if own.next < 0 {
            tail = own.previous
        } else {
            links[Int(own.next)].previous = own.previous
        }
        links[descriptor] = Links()
    }
}
