import LTX
import Replica
import Testing

@Suite struct LogLayoutTests {
    @Test func `A directory's keys are Litestream's`() {
        let name = LTXFileName(minTXID: txid(1), maxTXID: txid(0x1F))
        let key = LogLayout.directory.key(.snapshot, name)
        #expect(key == "ltx/9/0000000000000001-000000000000001f.ltx")
        #expect(LogLayout.directory.parse(key)! == (.snapshot, name))
    }

    @Test(arguments: [
        "ltx/0/0000000000000001-0000000000000001.ltx.tmp",
        "ltx/0/0000000000000001-000000000000001F.ltx",
        "ltx/0/0000000000000002-0000000000000001.ltx",
        "ltx/0/0000000000000000-0000000000000001.ltx",
        "ltx/0/0000000000000001-ffffffffffffffff.ltx",
        "ltx/10/0000000000000001-0000000000000001.ltx",
        "ltx/00/0000000000000001-0000000000000001.ltx",
        "ltx/+0/0000000000000001-0000000000000001.ltx",
        "ltx/0/a/0000000000000001-0000000000000001.ltx",
        "ltx/0000000000000001-0000000000000001.ltx",
        "lease/0/0000000000000001-0000000000000001.ltx",
        "ltx/README",
        "",
    ])
    func `Other names are ignored`(key: String) {
        #expect(LogLayout.directory.parse(key) == nil)
    }
}
