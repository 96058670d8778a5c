import Glibc
import Synchronization
import Testing

@testable import Linux

struct ThreadTests {
    @Test func aJoinedThreadHasRunItsClosure() throws {
        let flag = Flag()
        try Linux.Thread { flag.isSet.store(true, ordering: .relaxed) }.join()
        let isSet = flag.isSet.load(ordering: .relaxed)
        #expect(isSet)
    }

    @Test func aDetachedThreadIsAnother() {
        let caller = pthread_self()
        let isOther = ConditionLock<Bool?>(nil)
        Linux.Thread.detach {
            let isSame = pthread_equal(pthread_self(), caller) != 0
            isOther.update { $0 = !isSame }
        }
        #expect(isOther.wait { $0 } == true)
    }

    @Test func aResultComesBackFromAThreadOfItsOwn() throws {
        let caller = pthread_self()
        var callCount = 0
        let isSame = try Linux.Thread.wait {
            callCount += 1
            return pthread_equal(pthread_self(), caller) != 0
        }
        #expect(!isSame && callCount == 1)
    }
}

struct ConditionLockTests {
    @Test func aWaiterFindsWhatAnotherThreadPutsThere() throws {
        let values = ConditionLock<[Int]>([])
        let thread = try Linux.Thread {
            for value in 0..<100 { values.update { $0.append(value) } }
        }
        for value in 0..<100 {
            #expect(values.wait { $0.isEmpty ? nil : $0.removeFirst() } == value)
        }
        thread.join()
    }

    @Test func noChangeOfSeveralThreadsIsLost() throws {
        let count = ConditionLock(0)
        let add: @Sendable () -> Void = {
            for _ in 0..<1000 {
                count.update { count in
                    let before = count
                    sched_yield()
                    count = before + 1
                }
            }
        }
        let first = try Linux.Thread(add)
        let second = try Linux.Thread(add)
        first.join()
        second.join()
        #expect(count.update { $0 } == 2000)
    }

    @Test func nobodyWaitsBeyondTheDeadline() {
        let lock = ConditionLock(0)
        let start = MonotonicTime.now
        let deadline = start + .milliseconds(20)
        #expect(lock.wait(until: deadline) { $0 == 0 ? nil : $0 } == nil)
        #expect(MonotonicTime.now >= deadline)
        #expect(lock.wait(until: start) { $0 == 0 ? 1 : nil } == 1)
    }
}

private final class Flag: Sendable {
    let isSet = Atomic(false)
}
