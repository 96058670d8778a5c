package import TCPModel

extension OwnerModule {
    /// What a person calls a module: the name of a service or an executable, and the runtime and the ID's
    /// first digits of a container. What a user's manager runs has the user before it.
    ///
    /// - Parameter name: What a container is called, where that is known.
    package init(_ identity: ModuleIdentity, _ name: ContainerName?) {
        let slash = [UInt8(ascii: "/")]
        switch identity {
        case .service(let unit):
            self.init(name: Self.text(unit), kind: .service)
        case .container(let container):
            self.init(name: Self.text(name?.text ?? container.displayName), kind: .container)
        case .userService(let user, let unit):
            self.init(name: Self.text(user + slash + unit), kind: .userService)
        case .userContainer(let user, let container):
            self.init(
                name: Self.text(user + slash + (name?.text ?? container.displayName)),
                kind: .userContainer)
        case .executable(let path):
            let base = path.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
            self.init(name: Self.text(base), kind: .process)
        case .command(let command):
            self.init(name: Self.text(command), kind: .process)
        case .mapped(let name):
            self.init(name: Self.text(name), kind: .process)
        }
    }

    /// The same where nothing but the identity is known.
    package init(_ identity: ModuleIdentity) {
        self.init(identity, nil)
    }

    private static func text(_ bytes: [UInt8]) -> String {
        bytes.isEmpty
            ? "unnamed"
            : SanitizedText.text(bytes, byteCountMax: SanitizedText.nameByteCountMax)
    }
}

extension ContainerName {
    /// The runtime's name and the container's, or `k8s-NAMESPACE/POD/CONTAINER`.
    fileprivate var text: [UInt8] {
        switch self {
        case .runtime(let runtime, let name):
            Array("\(runtime.rawValue)-".utf8) + name
        case .kubernetes(let name):
            Array("k8s-".utf8)
                + [name.namespace, name.pod, name.container].compactMap(\.self)
                .joined(separator: "/".utf8)
        }
    }
}

extension ContainerIdentity {
    /// How many digits of an ID are shown, as `docker ps` does.
    private static let idDigitCount = 12

    fileprivate var displayName: [UInt8] {
        let shown =
            switch runtime {
            case .lxc: id
            case .nspawn, .machine: id.undoingUnitEscapes
            // A task's containers share the first 32 digits.
            case .ecs where id.count != 64: Array(id.prefix(Self.idDigitCount) + id.dropFirst(32))
            default: Array(id.prefix(Self.idDigitCount))
            }
        return Array(runtime.rawValue.utf8) + [UInt8(ascii: "-")] + shown
    }
}

extension [UInt8] {
    /// The bytes without systemd's escapes `\xHH` (`man 1 systemd-escape`).
    fileprivate var undoingUnitEscapes: [UInt8] {
        var result: [UInt8] = []
        var rest = self[...]
        while let byte = rest.first {
            if rest.starts(with: "\\x".utf8), let value = rest.dropFirst(2).prefix(2).hexadecimal {
                result.append(value)
                rest = rest.dropFirst(4)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}

extension ArraySlice<UInt8> {
    /// The byte that exactly two hexadecimal digits write.
    fileprivate var hexadecimal: UInt8? {
        guard count == 2, let high = first?.hexadecimalValue, let low = last?.hexadecimalValue
        else { return nil }
        return high << 4 | low
    }
}

extension UInt8 {
    /// The value of an ASCII digit in either case.
    var hexadecimalValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}
