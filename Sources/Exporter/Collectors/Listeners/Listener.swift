import Exposition
import TCPModel

/// A listener as its labels name it: sockets that share them are one.
struct Listener: Hashable {
    enum Place: Hashable {
        /// The interface's name is empty for one that is bound to none.
        case socket(IPAddress, UInt16, interface: String)
        /// All listeners of a family beyond the limit.
        case other
    }

    /// Nil when the owner is unknown, or connections can be those of several owners.
    var module: OwnerModule?
    var family: AddressFamily
    var place: Place

    /// All listeners of a family beyond the limit.
    static func other(_ family: AddressFamily) -> Listener {
        Listener(module: OwnerModule(name: "other", kind: .other), family: family, place: .other)
    }

    /// In the order of the catalogue.
    var labels: LabelSet {
        let (address, interface, port) = placeTexts
        return LabelSet([
            ("module", module?.name ?? ""), ("kind", module?.kind.label.description ?? ""),
            ("family", family.label.description), ("address", address), ("interface", interface),
            ("port", port),
        ])
    }

    private var placeTexts: (address: String, interface: String, port: String) {
        switch place {
        case .socket(let address, let port, let interface):
            (address.description, interface, String(port))
        case .other: ("other", "", "other")
        }
    }
}

extension Listener: Comparable {
    /// By module, family, port, address and interface; ports as numbers, and `other` after all of them.
    static func < (a: Listener, b: Listener) -> Bool {
        switch (a.module, b.module) {
        case (nil, .some): return true
        case (.some, nil): return false
        case (let x?, let y?) where x != y: return x < y
        default: break
        }
        let (x, y) = (a.placeKey, b.placeKey)
        return x == y ? a.interface.utf8.lexicographicallyPrecedes(b.interface.utf8) : x < y
    }

    private var placeKey: (UInt8, Int, UInt64, UInt64) {
        switch place {
        case .socket(let address, let port, _):
            (
                family.rawValue, Int(port), UInt64(bigEndian: address.words.0),
                UInt64(bigEndian: address.words.1)
            )
        case .other: (family.rawValue, Int.max, 0, 0)
        }
    }

    private var interface: String {
        if case .socket(_, _, let interface) = place { interface } else { "" }
    }
}
