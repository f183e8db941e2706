import Files

extension ObjectBody {
    /// 256 KiB: long enough that the calls do not show, short enough to hold many at once.
    private static let chunkByteCount = 256 << 10

    /// Writes the body into an empty file, in bounded memory.
    func write(to target: borrowing File) throws(FileError) {
        switch self {
        case .bytes(let bytes):
            try target.write(bytes, at: 0)
        case .file(let path):
            let source = try File(path, .read)
            var offset: Int64 = 0
            while true {
                let chunk = try source.read(upTo: ObjectBody.chunkByteCount, at: offset)
                if chunk.isEmpty { return }
                try target.write(chunk, at: offset)
                offset += Int64(chunk.count)
            }
        }
    }
}
