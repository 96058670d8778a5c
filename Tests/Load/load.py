"""Threads that do things again and again until the end of a block, and count them."""
import threading
import time


class Load:
    """What is done again and again; failures are kept, and end nothing."""

    def __init__(self):
        self.counts, self.failures = {}, []
        self._over, self._threads = threading.Event(), []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads: thread.join()

    def add(self, name, activity, pause):
        """Repeats an activity, with that many seconds between; what it holds at the end, it closes itself."""
        self.counts[name] = 0
        thread = threading.Thread(target=self._repeat, args=(name, activity, pause), name=name)
        self._threads.append(thread)
        thread.start()

    def _repeat(self, name, activity, pause):
        with activity:
            while not self._over.wait(pause):
                try:
                    activity.once()
                    self.counts[name] += 1
                except Exception as error:  # whatever it is, it is told at the end
                    self.fail(f"{name}: {type(error).__name__}: {error}")

    def fail(self, what):
        self.failures.append(f"{time.strftime('%H:%M:%S')} {what}")


class Activity:
    """Something that is done again and again. It may hold things, the oldest of which go first."""

    held_max = 5

    def __init__(self):
        self.held = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        while self.held: self.release(self.held.pop(0))

    def once(self):
        self.held.append(self.acquire())
        if len(self.held) > self.held_max: self.release(self.held.pop(0))

    def acquire(self):
        """Makes one."""
        raise NotImplementedError

    def release(self, one):
        """Ends one."""
        raise NotImplementedError
