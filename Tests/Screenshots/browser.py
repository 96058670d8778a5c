"""A headless Chromium, driven by its DevTools protocol over two pipes.

https://chromedevtools.github.io/devtools-protocol/: messages are JSON, each ends in a zero byte; the
browser reads descriptor 3 and writes descriptor 4.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE_SECONDS = 60


class BrowserError(Exception):
    """The browser refused a command, or did not answer."""


class Browser:
    """One page of a Chromium with a profile of its own; a context manager."""

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="tcptable-browser-")
        to_browser, self.commands = os.pipe()
        self.answers, from_browser = os.pipe()

        def connect():
            # Above 4 first: one of the two may have the other's place.
            high = [os.dup2(to_browser, 60), os.dup2(from_browser, 61)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--hide-scrollbars", "--no-proxy-server",
             "--force-color-profile=srgb",
             f"--user-data-dir={self.profile}", "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=connect, close_fds=False, start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self.number = 0
        self.buffer = b""
        self.events = []
        self.session = None
        target = next(one for one in self.call("Target.getTargets")["targetInfos"]
                      if one["type"] == "page")
        self.session = self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **parameters):
        """Sends a command, and returns its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") != self.number:
                self.events.append(answer)
            elif "error" in answer:
                raise BrowserError(f"{method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def receive(self):
        """The next message of the browser."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                raise BrowserError("no answer")
            data = os.read(self.answers, 1 << 16)
            if not data:
                raise BrowserError("the browser has ended")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def show(self, width, height, scheme):
        """Makes the window so large, and its colours light or dark."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, url):
        """Loads a page with all that it refers to."""
        self.events = []
        self.call("Page.navigate", url=url)
        while not any(one.get("method") == "Page.loadEventFired" for one in self.events):
            self.events.append(self.receive())

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in result:
            raise BrowserError(result["exceptionDetails"].get("exception", {}).get("description"))
        return result["result"].get("value")

    def responses(self):
        """What was loaded since the page was opened: addresses with their statuses."""
        return [(one["params"]["response"]["url"], one["params"]["response"]["status"])
                for one in self.events if one.get("method") == "Network.responseReceived"]

    def complaints(self):
        """What the browser had to say: console messages, errors and blocked requests."""
        texts = []
        for one in self.events:
            parameters = one.get("params", {})
            if one.get("method") == "Log.entryAdded":
                texts.append(parameters["entry"]["text"])
            elif one.get("method") == "Runtime.consoleAPICalled":
                texts.append(str(parameters["args"]))
            elif one.get("method") == "Runtime.exceptionThrown":
                texts.append(parameters["exceptionDetails"]["text"])
            elif one.get("method") == "Network.loadingFailed":
                texts.append(parameters["errorText"])
        return texts

    def picture(self, path):
        """Writes what the window shows as PNG."""
        data = self.call("Page.captureScreenshot")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
