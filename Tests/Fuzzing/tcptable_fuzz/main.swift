// tcptable_fuzz TARGET [ARGUMENT...]: gives inputs that libFuzzer makes up to one part of the program. The
// arguments are libFuzzer's. Without a target it prints their names. With --read-json it is a reader of JSON.

import CFuzzer
import Glibc

if CommandLine.arguments.dropFirst().first == "--read-json" {
    readJSONTexts()
    exit(0)
}
guard let chosen = FuzzTarget.chosen else {
    for target in FuzzTarget.all { print(target.name) }
    exit(CommandLine.argc > 1 ? 2 : 0)
}
chosen.prepare()

// The target's name stands where libFuzzer expects the program's.
var argumentCount = CommandLine.argc - 1
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
    unsafe CommandLine.unsafeArgv + 1
let status = unsafe LLVMFuzzerRunDriver(&argumentCount, &arguments) { start, byteCount in
    FuzzTarget.chosen?.run(
        unsafe [UInt8](UnsafeBufferPointer(start: start, count: byteCount)))
    return 0
}
exit(status)
