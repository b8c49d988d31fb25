"""browser.py - a chromium without a window, led by its own protocol through two
pipes: pages are opened, keys and fingers are real to them, and what their
console says is kept."""
import base64
import json
import os
import select
import subprocess
import time


class Browser:
    def __init__(self, home, width=1280, height=900):
        to_read, self.out = os.pipe()
        self.into, to_write = os.pipe()
        # the numbers that it wants are 3 and 4
        spare = [os.dup(to_read), os.dup(to_write)]
        high = [os.dup(os.dup(f)) for f in spare]

        def become():
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)
        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
             "--no-first-run", "--remote-debugging-pipe",
             "--user-data-dir=%s/chromium" % home,
             "--window-size=%d,%d" % (width, height), "about:blank"],
            close_fds=False, preexec_fn=become, stdin=subprocess.DEVNULL,
            stderr=open("%s/chromium.log" % home, "w"),
            env=dict(os.environ, HOME=home))
        for f in [to_read, to_write] + spare + high:
            os.close(f)
        self.number, self.buffer, self.events = 0, b"", []
        self.session = None
        pages = [t for t in self.call("Target.getTargets")["targetInfos"]
                 if t["type"] == "page"]
        self.session = self.call("Target.attachToTarget", flatten=True,
                                 targetId=pages[0]["targetId"])["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")

    def message(self):
        while b"\0" not in self.buffer:
            more = os.read(self.into, 1 << 20)
            if not more:
                raise SystemExit("the browser has ended")
            self.buffer += more
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        call = {"id": self.number, "method": method, "params": params}
        if self.session:
            call["sessionId"] = self.session
        os.write(self.out, json.dumps(call).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == call["id"]:
                if "error" in answer:
                    raise SystemExit("%s: %s" % (method, answer["error"]))
                return answer["result"]
            self.events.append(answer)

    def wait(self, seconds):
        until = time.time() + seconds
        while time.time() < until:
            if b"\0" in self.buffer or select.select(
                    [self.into], [], [], max(0, until - time.time()))[0]:
                self.events.append(self.message())

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            return "error: " + json.dumps(answer["exceptionDetails"])[:400]
        return answer["result"].get("value")

    def until(self, expression, seconds=20):
        """wait for it to be true; the last value"""
        until = time.time() + seconds
        while True:
            value = self.value(expression)
            if value is True or time.time() > until:
                return value
            self.wait(0.1)

    def open(self, url, seconds=1.0):
        self.call("Page.navigate", url=url)
        self.wait(seconds)

    def key(self, key):
        text = key if len(key) == 1 else ""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, text=text)

    def picture(self, name):
        with open(name, "wb") as f:
            f.write(base64.b64decode(
                self.call("Page.captureScreenshot", format="png")["data"]))

    def console(self):
        """errors and messages, a line each"""
        names = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown",
                 "Log.entryAdded")
        return [json.dumps(e["params"])[:400] for e in self.events
                if e.get("method") in names]

    def close(self):
        self.process.terminate()
        self.process.wait()
