/// Walks one LTX file from its start as far as it can be read, for people who want to know what is wrong with it.
///
/// Where a decoder stops at the first broken rule, this one notes it and goes on, unless the rule is what tells
/// where the next part begins. It finds nothing exactly where a decoder accepts the file. Memory: one frame,
/// one piece of what is read, and 8 bytes a frame; no length in the file makes it allocate.
package struct LTXInspector: ~Copyable {
    private let read: (_ byteCount: Int) throws -> [UInt8]
    private let pageLimit: Int
    private var report = LTXInspection()
    private var frames: [Frame] = []
    /// What was read, from `cursor` on not used yet.
    private var buffer: [UInt8] = []
    private var cursor = 0
    /// Where `cursor` is in the file, in bytes from its start.
    private var offset: Int64 = 0
    /// Nil once a page's content is not known.
    private var fileSum: CRC64? = CRC64()

    /// What the index has to say of a frame; its offset follows from those before it.
    private struct Frame {
        let page: UInt32
        let byteCount: UInt32
    }

    /// An inspector of the bytes that `read` gives in order: up to as many as it is asked for, none at the end.
    /// The first `pageLimit` pages are listed one by one.
    package init(pageLimit: Int, read: @escaping (_ byteCount: Int) throws -> [UInt8]) {
        self.pageLimit = pageLimit
        self.read = read
    }

    /// Walks the file.
    ///
    /// Errors: those of `read` only; whatever is wrong with the bytes is a finding.
    package consuming func run() throws -> LTXInspection {
        if try readHeader(), try readFrames(), try readIndex(), try readTrailer(), try has(1) {
            report.note(.trailingBytes, at: offset)
        }
        report.readByteCount = offset
        return report
    }

    // MARK: - Parts of the file; each answers whether the next one can be found

    private mutating func readHeader() throws -> Bool {
        guard try has(LTXHeader.byteCount) else { return cutOff() }
        let bytes = [UInt8](buffer[cursor..<cursor + LTXHeader.byteCount])
        report.fields = LTXHeaderFields(bytes.span)
        do throws(LTXError) {
            report.header = try LTXHeader(parsing: bytes.span)
        } catch {
            report.note(error, at: error.headerOffset)
            return false
        }
        consume(LTXHeader.byteCount)
        return true
    }

    private mutating func readFrames() throws -> Bool {
        guard let header = report.header else { return false }
        var sequence = PageSequence(pageSize: header.pageSize, commit: header.commit)
        var page = [UInt8](repeating: 0, count: header.pageSize.byteCount)
        while true {
            guard try has(LTXFrame.terminatorByteCount) else { return cutOff() }
            let flags: UInt16 = buffer.span.bigEndian(at: cursor + 4)
            guard let number = PageNumber(rawValue: buffer.span.bigEndian(at: cursor)) else {
                if flags != 0 { report.note(.terminator, at: offset + 4) }
                if header.isSnapshot { note(at: offset) { () throws(LTXError) in try sequence.requireAll() } }
                consume(LTXFrame.terminatorByteCount)
                return true
            }
            guard flags == LTXFrame.sizeFlag else {
                report.note(.frameFlags(number, flags), at: offset + 4)
                return false
            }
            guard try has(LTXFrame.headerByteCount) else { return cutOff() }
            let size: UInt32 = buffer.span.bigEndian(at: cursor + 6)
            guard size <= LZ4Block.bound(header.pageSize.byteCount) else {
                report.note(.compressedSize(number, size), at: offset + 6)
                return false
            }
            guard try has(LTXFrame.headerByteCount + Int(size)) else { return cutOff() }
            note(at: offset) { () throws(LTXError) in try sequence.accept(number) }
            take(number, Int(size), into: &page)
        }
    }

    /// Goes over one frame that is there whole.
    private mutating func take(_ number: PageNumber, _ size: Int, into page: inout [UInt8]) {
        let frame = LTXInspection.Page(number: number.rawValue, offset: offset, compressedByteCount: size)
        if report.pages.count < pageLimit { report.pages.append(frame) }
        report.pageCount += 1
        frames.append(Frame(page: number.rawValue, byteCount: UInt32(LTXFrame.headerByteCount + size)))
        consume(LTXFrame.headerByteCount)
        if LZ4Block.decompress(buffer.span.extracting(cursor..<cursor + size), into: &page) {
            fileSum?.update(page.span)
        } else {
            report.note(.compression(number), at: offset)
            fileSum = nil
        }
        skip(size)
    }

    /// Reads as many bytes as the frames' index has, and holds entry by entry against them.
    private mutating func readIndex() throws -> Bool {
        var remaining = expectedIndexByteCount
        report.index = LTXInspection.Index(offset: offset, byteCount: remaining)
        var parser = LTXIndexParser()
        var frameOffset = UInt64(LTXHeader.byteCount)
        var isParsing = true
        while remaining > 0 {
            let count = min(remaining, Self.pieceByteCount)
            guard try has(count) else { return cutOff() }
            for index in 0..<count where isParsing {
                let place = offset + Int64(index)
                switch parser.take(buffer[cursor + index]) {
                case .nothing: break
                case .entry(let entry): compare(entry, &frameOffset, at: place)
                case .end:
                    isParsing = false
                    guard index != count - 1 || count != remaining else { break }
                    report.noteIndex(at: place, "it ends after \(report.index?.entryCount ?? 0) of \(frames.count) entries")
                case .invalid:
                    isParsing = false
                    report.noteIndex(at: place, "a varint that no encoder writes")
                }
            }
            consume(count)
            remaining -= count
        }
        if isParsing { report.noteIndex(at: offset - 1, "it does not end in a zero") }
        return true
    }

    private var expectedIndexByteCount: Int {
        var frameOffset = UInt64(LTXHeader.byteCount)
        var byteCount = 1
        for frame in frames {
            byteCount += varintByteCount(UInt64(frame.page)) + varintByteCount(frameOffset)
                + varintByteCount(UInt64(frame.byteCount))
            frameOffset += UInt64(frame.byteCount)
        }
        return byteCount
    }

    private mutating func compare(_ entry: LTXIndexEntry, _ frameOffset: inout UInt64, at place: Int64) {
        let number = report.index?.entryCount ?? 0
        report.countIndexEntry()
        guard number < frames.count else {
            return report.noteIndex(at: place, "entry \(number + 1), but there are \(frames.count) pages")
        }
        let frame = frames[number]
        let expected = LTXIndexEntry(
            page: UInt64(frame.page), offset: frameOffset, byteCount: UInt64(frame.byteCount))
        frameOffset += UInt64(frame.byteCount)
        guard entry != expected else { return }
        report.noteIndex(
            at: place,
            "entry \(number + 1) says page \(entry.page) at \(entry.offset), \(entry.byteCount) bytes; it is "
                + "page \(expected.page) at \(expected.offset), \(expected.byteCount) bytes")
    }

    private mutating func readTrailer() throws -> Bool {
        guard try has(LTXFrame.trailerByteCount) else { return cutOff() }
        let trailer = LTXInspection.Trailer(
            offset: offset, indexByteCount: buffer.span.bigEndian(at: cursor),
            postApplyChecksum: buffer.span.bigEndian(at: cursor + 8), fileChecksum: buffer.span.bigEndian(at: cursor + 16))
        report.trailer = trailer
        if trailer.indexByteCount != UInt64(report.index?.byteCount ?? 0) {
            report.note(.indexSize(trailer.indexByteCount), at: offset)
        }
        if trailer.postApplyChecksum != 0 { report.note(.postApplyChecksum, at: offset + 8) }
        consume(16)
        if let fileSum {
            let computed = Checksum(rawValue: fileSum.value)
            report.computedChecksum = computed
            if computed.rawValue != trailer.fileChecksum {
                report.note(.fileChecksum(stored: trailer.fileChecksum, computed: computed), at: offset)
            }
        }
        skip(8)
        return true
    }

    // MARK: - The buffer

    /// What is read at once: 256 KiB.
    private static let pieceByteCount = 256 << 10

    /// Whether `count` more bytes are there, which are then in the buffer.
    private mutating func has(_ count: Int) throws -> Bool {
        while buffer.count - cursor < count {
            let piece = try read(Self.pieceByteCount)
            guard !piece.isEmpty else { return false }
            buffer.removeSubrange(..<cursor)
            cursor = 0
            buffer.append(contentsOf: piece)
        }
        return true
    }

    /// Goes on by `count` bytes that the file checksum covers.
    private mutating func consume(_ count: Int) {
        fileSum = fileSum?.adding(buffer.span.extracting(cursor..<cursor + count))
        skip(count)
    }

    private mutating func skip(_ count: Int) {
        cursor += count
        offset += Int64(count)
    }

    /// Notes that the file ends where more has to come.
    private mutating func cutOff() -> Bool {
        skip(buffer.count - cursor)
        report.note(.truncated, at: offset)
        return false
    }

    private mutating func note(at offset: Int64, _ check: () throws(LTXError) -> Void) {
        do throws(LTXError) { try check() } catch { report.note(error, at: offset) }
    }
}

/// How many bytes `append(varint:)` takes for a value.
private func varintByteCount(_ value: UInt64) -> Int { max(1, (64 - value.leadingZeroBitCount + 6) / 7) }
