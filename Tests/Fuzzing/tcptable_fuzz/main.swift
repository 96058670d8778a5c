// Gives inputs that libFuzzer makes up to one part of the program, which TCPTABLE_FUZZ_TARGET names: libFuzzer
// starts the program again by its arguments, which are all libFuzzer's. Without it, the program prints the
// targets' names. With --read-json it is a reader of JSON.

import CFuzzer
import Glibc

if CommandLine.arguments.dropFirst().first == "--read-json" {
    readJSONTexts()
    exit(0)
}
guard let chosen = FuzzTarget.chosen else {
    for target in FuzzTarget.all { print(target.name) }
    exit(unsafe getenv(FuzzTarget.variable) == nil ? 0 : 2)
}
chosen.prepare()

var argumentCount = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
let status = unsafe LLVMFuzzerRunDriver(&argumentCount, &arguments) { start, byteCount in
    FuzzTarget.chosen?.run(
        unsafe [UInt8](UnsafeBufferPointer(start: start, count: byteCount)))
    return 0
}
exit(status)
