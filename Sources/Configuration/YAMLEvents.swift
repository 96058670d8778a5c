import CYAML

/// What libyaml reads, one event at a time, of bytes that must stay where they are meanwhile.
///
/// The caller's loop is what bounds the work: libyaml reads no further than it is asked.
@safe struct YAMLEvents: ~Copyable {
    struct Event {
        enum Content {
            case scalar(YAMLScalar)
            case sequenceStart, sequenceEnd, mappingStart, mappingEnd, documentStart, streamEnd
            /// A repetition of what was written elsewhere.
            case alias
            /// Of no meaning to the reader.
            case other
        }

        let line: Int
        let content: Content
        /// Whether a type was named: `!!str`.
        let isTagged: Bool
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeBufferPointer<UInt8>

    /// Nil where there is no memory.
    init?(_ input: UnsafeBufferPointer<UInt8>) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            return nil
        }
        // Else a mark at the beginning would have it read UTF-16.
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
        unsafe self.parser = parser
        unsafe self.input = input
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    /// The next event. After an error or the stream's end there is none, and none may be asked for.
    mutating func next() throws(ConfigurationProblem) -> Event {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw problem }
        defer { unsafe yaml_event_delete(&event) }
        return unsafe Event(event)
    }

    /// In libyaml's words, which hold nothing of the file.
    private var problem: ConfigurationProblem {
        let words = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
        let isEncoding = unsafe parser.pointee.error == YAML_READER_ERROR
        let line =
            unsafe isEncoding
            ? lineNumber(at: parser.pointee.problem_offset)
            : Int(parser.pointee.problem_mark.line) + 1
        return ConfigurationProblem(line: line, words ?? "out of memory")
    }

    private func lineNumber(at offset: Int) -> Int {
        unsafe input.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1
    }
}

extension YAMLEvents.Event {
    fileprivate init(_ event: yaml_event_t) {
        unsafe line = Int(event.start_mark.line) + 1
        switch unsafe event.type {
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            content = .scalar(unsafe YAMLScalar(scalar.value, scalar.length, scalar.style))
            unsafe isTagged = scalar.tag != nil
            return
        case YAML_SEQUENCE_START_EVENT:
            content = .sequenceStart
            unsafe isTagged = event.data.sequence_start.tag != nil
            return
        case YAML_MAPPING_START_EVENT:
            content = .mappingStart
            unsafe isTagged = event.data.mapping_start.tag != nil
            return
        case YAML_SEQUENCE_END_EVENT: content = .sequenceEnd
        case YAML_MAPPING_END_EVENT: content = .mappingEnd
        case YAML_DOCUMENT_START_EVENT: content = .documentStart
        case YAML_STREAM_END_EVENT: content = .streamEnd
        case YAML_ALIAS_EVENT: content = .alias
        default: content = .other
        }
        isTagged = false
    }
}

extension YAMLScalar {
    fileprivate init(
        _ start: UnsafePointer<UInt8>?, _ byteCount: Int, _ style: yaml_scalar_style_t
    ) {
        text = unsafe String(
            decoding: UnsafeBufferPointer(start: start, count: byteCount), as: UTF8.self)
        isPlain = style == YAML_PLAIN_SCALAR_STYLE
    }
}
