//! A real Chromium for the tests of HTML pages, spoken to in its DevTools protocol over two pipes.
//! Opens files of this machine at a width and colour scheme, with scripts of the page switched off, and tells what
//! it logged and asked the network for. Knows nothing of the pages.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// Longest wait for an answer; the first start on a busy machine takes seconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running Chromium, ended when it goes out of scope.
pub struct Browser {
    child: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    sent: u64,
    events: Vec<Value>,
    profile: tempfile::TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub width: u32,
    pub is_dark: bool,
}

impl Look {
    /// Desk and telephone, by day and by night.
    pub const ALL: [Self; 4] = [
        Self { width: 1280, is_dark: false },
        Self { width: 1280, is_dark: true },
        Self { width: 390, is_dark: false },
        Self { width: 390, is_dark: true },
    ];
}

/// An open page.
pub struct Page<'a> {
    browser: &'a mut Browser,
    session: String,
    /// What the browser logged as error or warning while loading.
    pub complaints: Vec<String>,
    /// Addresses asked for besides the page itself.
    pub requests: Vec<String>,
}

impl Browser {
    /// Starts Chromium with an empty profile.
    pub fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let stderr = std::fs::File::create(profile.path().join("stderr")).unwrap();
        // The protocol's pipes are descriptors 3 and 4; a shell moves ours there.
        let script = "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null";
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(program()).args(FLAGS);
        command.arg(format!("--user-data-dir={}", profile.path().join("profile").display()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.arg("about:blank").spawn().unwrap();
        let commands = child.stdin.take().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            while answers.read_until(0, &mut bytes).is_ok_and(|count| count > 0) {
                bytes.pop();
                let Ok(message) = serde_json::from_slice(&bytes) else { break };
                if sender.send(message).is_err() {
                    break;
                }
                bytes.clear();
            }
        });
        Self { child, commands, messages, sent: 0, events: Vec::new(), profile }
    }

    /// Opens a file of this machine.
    pub fn open(&mut self, file: &Path, look: Look) -> Page<'_> {
        let url = format!("file://{}", file.canonicalize().unwrap().display());
        let target = self.call(None, "Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = self.call(None, "Target.attachToTarget", &attach);
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        let scheme = if look.is_dark { "dark" } else { "light" };
        for (method, parameters) in [
            ("Page.enable", json!({})),
            ("Log.enable", json!({})),
            ("Runtime.enable", json!({})),
            ("Network.enable", json!({})),
            ("Emulation.setScriptExecutionDisabled", json!({ "value": true })),
            (
                "Emulation.setDeviceMetricsOverride",
                json!({ "width": look.width, "height": 844, "deviceScaleFactor": 1, "mobile": false }),
            ),
            (
                "Emulation.setEmulatedMedia",
                json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] }),
            ),
        ] {
            self.call(Some(&session), method, &parameters);
        }
        self.events.clear();
        self.call(Some(&session), "Page.navigate", &json!({ "url": url }));
        while !self.events.iter().any(|e| e["method"] == "Page.loadEventFired") {
            let event = self.receive();
            self.events.push(event);
        }
        let complaints = self.events.iter().filter_map(complaint).collect();
        let requests = self.events.iter().filter_map(|e| requested(e, &url)).collect();
        Page { browser: self, session, complaints, requests }
    }

    /// Sends a command and waits for its result; events that come in between are kept.
    fn call(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        self.sent += 1;
        let id = self.sent;
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = json!(session);
        }
        let written = self.commands.write_all(format!("{command}\0").as_bytes());
        assert!(written.is_ok(), "Chromium has gone: {}", self.last_words());
        loop {
            let message = self.receive();
            if message["id"] == json!(id) {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn receive(&mut self) -> Value {
        match self.messages.recv_timeout(PATIENCE) {
            Ok(message) => message,
            Err(error) => panic!("Chromium is silent ({error}): {}", self.last_words()),
        }
    }

    fn last_words(&self) -> String {
        std::fs::read_to_string(self.profile.path().join("stderr")).unwrap_or_default()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The pipe's end closes the browser and its helpers in good order; a kill would orphan them.
        let command = json!({ "id": self.sent + 1, "method": "Browser.close", "params": {} });
        let is_told = self.commands.write_all(format!("{command}\0").as_bytes()).is_ok();
        for _ in 0..100 {
            if is_told && matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Page<'_> {
    /// The value of a JavaScript expression in the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true });
        let answer = self.browser.call(Some(&self.session), "Runtime.evaluate", &parameters);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// The list of strings an expression gives.
    pub fn strings(&mut self, expression: &str) -> Vec<String> {
        let value = self.value(expression);
        let rows = value.as_array().unwrap_or_else(|| panic!("{expression} gave {value}"));
        rows.iter().map(|row| row.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// A picture of the whole page, written to `file`; its width and height in pixels.
    pub fn screenshot(&mut self, file: &Path) -> (u32, u32) {
        let metrics = self.browser.call(Some(&self.session), "Page.getLayoutMetrics", &json!({}));
        let size = &metrics["cssContentSize"];
        let clip =
            json!({ "x": 0, "y": 0, "scale": 1, "width": size["width"], "height": size["height"] });
        let parameters = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let shot = self.browser.call(Some(&self.session), "Page.captureScreenshot", &parameters);
        let bytes = decode_base64(shot["data"].as_str().unwrap());
        std::fs::write(file, &bytes).unwrap();
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    }
}

const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];

/// Chromium as `BEEHIVE_CHROMIUM` names it, else the first of its usual names on the path.
fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("BEEHIVE_CHROMIUM") {
        return named.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let places = names.iter().flat_map(|name| folders.iter().map(move |f| f.join(name)));
    places.into_iter().find(|place| place.is_file()).unwrap_or_else(|| {
        panic!("no Chromium on the path: apt-get install -y chromium (cargo xtask test does it)")
    })
}

/// What an event says of something that went wrong in the page.
fn complaint(event: &Value) -> Option<String> {
    let parameters = &event["params"];
    match event["method"].as_str()? {
        "Log.entryAdded" => Some(parameters["entry"]["text"].to_string()),
        "Runtime.exceptionThrown" => Some(parameters["exceptionDetails"].to_string()),
        "Runtime.consoleAPICalled" => Some(parameters["args"].to_string()),
        "Network.loadingFailed" => Some(parameters["errorText"].to_string()),
        _ => None,
    }
}

/// The address an event says was asked for, if it is not the page.
fn requested(event: &Value, page: &str) -> Option<String> {
    let is_request = event["method"] == "Network.requestWillBeSent";
    let url = event["params"]["request"]["url"].as_str()?;
    (is_request && url != page).then(|| url.to_owned())
}

fn decode_base64(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => u32::from(c - b'A'),
        b'a'..=b'z' => u32::from(c - b'a') + 26,
        b'0'..=b'9' => u32::from(c - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u32> = text.bytes().filter(|c| *c != b'=').map(digit).collect();
    let bytes = digits.chunks(4).flat_map(|group| {
        let bits = group.iter().fold(0, |bits, d| bits << 6 | d) << (6 * (4 - group.len()));
        let [_, a, b, c] = bits.to_be_bytes();
        [a, b, c].into_iter().take(group.len() - 1)
    });
    bytes.collect()
}
