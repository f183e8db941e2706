import Foundation
import Testing

extension PrimaryEndToEnd {
    /// F34: what was acknowledged as durable is there after a power cut.
    @Suite(.serialized) struct PowerLossTests {
        @Test(arguments: [UInt32.random(in: 1...1_000_000)])
        func `whatever a power cut takes, no TXID that was said to be shipped is lost`(seed: UInt32) async throws {
            print("seed \(seed)")
            let scratch = try Scratch()
            let (disk, shadow) = (scratch("disk"), scratch("shadow"))
            for directory in [disk, shadow] {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            }
            let library = scratch("powerloss.so")
            let built = try run("cc", "-shared", "-fPIC", "-O1", "-o", library, "\(Programs.workloads)/powerloss.c", "-ldl")
            try #require(built.status == 0, "\(built.output)")
            let (database, log) = ("\(disk)/app.db", "\(disk)/log")
            _ = try workload("fill", database, "--megabytes", "1").finish()
            var acknowledged = ""
            var wasShipped = 0
            for round in 0..<7 {
                let app = try workload("writer", database, "--seconds", "1.5", "--seed", "\(seed &+ UInt32(round))", "--pace", "300")
                let said = scratch("said-\(round)")
                let fantail = try Running("sh", ["-c", """
                    exec env LD_PRELOAD='\(library)' POWERLOSS_ROOT='\(disk)' POWERLOSS_SHADOW='\(shadow)' POWERLOSS_SKIP=app.db \
                    '\(Programs.fantail)' replicate '\(database)' '\(log)' --sync-interval 20ms --log-level debug 2>'\(said)'
                    """])
                try await Task.sleep(for: .milliseconds(Int.random(in: 200...1400)))
                fantail.signal(SIGKILL)
                _ = fantail.finish()
                let (status, output) = app.finish()
                #expect(status == 0, "\(output)")
                let text = try String(contentsOfFile: said, encoding: .utf8)
                for line in text.split(separator: "\n") where line.contains("shipped ltx") {
                    guard let field = line.split(separator: " ").first(where: { $0.hasPrefix("txid.max=") }) else { continue }
                    acknowledged = String(field.dropFirst("txid.max=".count))
                    wasShipped += 1
                }
                let cut = try Running("python3", ["\(Programs.workloads)/powercut.py", disk, shadow, "--keep", "app.db"]).finish()
                #expect(cut.status == 0, "\(cut.output)")
                guard !acknowledged.isEmpty else { continue }
                let verified = try run(Programs.fantail, "verify", log)
                #expect(verified.status == 0, "round \(round): \(verified.output)")
                let name = "\(log)/ltx/0/\(acknowledged)-\(acknowledged).ltx"
                #expect(FileManager.default.fileExists(atPath: name), "round \(round): \(acknowledged) was acknowledged\n\(text)")
                // The shadow knows nothing of what the cut left: everything there is on the disk by now.
                try Self.seed(disk, shadow)
            }
            #expect(wasShipped > 5)
            #expect(try run(Programs.fantail, "replicate", database, log, "--once").status == 0)
            #expect(try run(Programs.fantail, "restore", log, "-o", scratch("out.db")).status == 0)
            let compared = try workload("compare", database, scratch("out.db")).finish()
            #expect(compared.status == 0, "\(compared.output)")
        }

        /// Tells the shadow that the whole tree is durable: each file and directory is synced once, under the shim.
        private static func seed(_ disk: String, _ shadow: String) throws {
            let library = URL(fileURLWithPath: shadow).deletingLastPathComponent().appending(path: "powerloss.so").path
            let script = """
                import os, sys
                for path, directories, files in os.walk(sys.argv[1]):
                    for name in [path] + [os.path.join(path, f) for f in files if not f.startswith('app.db')]:
                        descriptor = os.open(name, os.O_RDONLY)
                        os.fsync(descriptor)
                        os.close(descriptor)
                """
            let result = try run(
                "env", "LD_PRELOAD=\(library)", "POWERLOSS_ROOT=\(disk)", "POWERLOSS_SHADOW=\(shadow)", "python3", "-c", script, disk)
            #expect(result.status == 0, "\(result.output)")
        }
    }
}
