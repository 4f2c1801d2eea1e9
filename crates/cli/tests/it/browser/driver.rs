//! Headless Chromium, driven over its DevTools protocol: everything of the crate `chromiumoxide` is here.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chromiumoxide::cdp::IntoEventKind;
use chromiumoxide::cdp::browser_protocol::browser::{
    DownloadProgressState, EventDownloadProgress, EventDownloadWillBegin,
};
use chromiumoxide::cdp::browser_protocol::log::{EventEntryAdded, LogEntryLevel};
use chromiumoxide::cdp::browser_protocol::page::{
    EventFileChooserOpened, EventJavascriptDialogOpening,
};
use chromiumoxide::cdp::js_protocol::runtime::{
    ConsoleApiCalledType, EventConsoleApiCalled, EventExceptionThrown,
};
use chromiumoxide::keys::get_key_definition;
use chromiumoxide::page::ScreenshotParams;
use chromiumoxide::{Command, Method, Page};
use futures_util::{FutureExt, Stream, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::up::PATIENCE;

/// Runs `test` with a browser of its own; fails when a page complained of something that was not
/// excused. What `test` gives back lives until the browser is closed.
pub(super) fn drive<T>(test: impl AsyncFnOnce(&Browser) -> T) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let browser = Browser::launch().await;
        let outcome = AssertUnwindSafe(test(&browser)).catch_unwind().await;
        // Closed in any case: killed, it would write into its profile while that is removed.
        let complaints = browser.close().await;
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
        assert!(
            complaints.is_empty(),
            "the page complained: {complaints:#?}"
        );
    });
}

/// A running Chromium with a fresh profile.
pub(super) struct Browser {
    process: chromiumoxide::Browser,
    complaints: Complaints,
    excused: RefCell<Vec<&'static str>>,
    downloads: TempDir,
    // Last, because the process must have ended before its profile goes.
    _profile: TempDir,
}

impl Browser {
    async fn launch() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let config = chromiumoxide::BrowserConfig::builder()
            .disable_default_args()
            .new_headless_mode()
            .no_sandbox()
            .args(ARGUMENTS.iter().copied())
            .window_size(1280, 800)
            .viewport(None)
            .user_data_dir(profile.path())
            .build()
            .unwrap();
        let (process, mut handler) = chromiumoxide::Browser::launch(config)
            .await
            .expect("a Chromium on PATH");
        tokio::spawn(async move { while handler.next().await.is_some() {} });
        let downloads = tempfile::tempdir().unwrap();
        let browser = Self {
            process,
            complaints: Complaints::default(),
            excused: RefCell::default(),
            downloads,
            _profile: profile,
        };
        let behaviour = json!({
            "behavior": "allowAndName", "downloadPath": browser.downloads.path(), "eventsEnabled": true,
        });
        browser
            .process
            .execute(Call("Browser.setDownloadBehavior", behaviour))
            .await
            .unwrap();
        browser
    }

    /// Ends it, and tells what was complained of.
    async fn close(mut self) -> Vec<String> {
        if self.process.close().await.is_err() {
            self.process.kill().await;
        }
        self.process.wait().await.unwrap();
        let excused = self.excused.take();
        let mut complaints = self.complaints.take();
        complaints.retain(|complaint| !excused.iter().any(|part| complaint.contains(part)));
        complaints
    }

    /// Lets pages complain of what contains `part`.
    pub(super) fn excuse(&self, part: &'static str) {
        self.excused.borrow_mut().push(part);
    }

    /// One more tab of the same person, in front of the others.
    pub(super) async fn tab(&self, address: &str) -> Tab {
        self.create(address, json!({ "url": "about:blank" })).await
    }

    /// The tab of somebody else: a profile that shares nothing with the others.
    pub(super) async fn visitor(&self, address: &str) -> Tab {
        let context = self
            .process
            .execute(Call("Target.createBrowserContext", json!({})))
            .await;
        let context = &context.unwrap().result["browserContextId"];
        self.create(
            address,
            json!({ "url": "about:blank", "browserContextId": context }),
        )
        .await
    }

    async fn create(&self, address: &str, target: Value) -> Tab {
        let target = serde_json::from_value::<
            chromiumoxide::cdp::browser_protocol::target::CreateTargetParams,
        >(target);
        let page = self.process.new_page(target.unwrap()).await.unwrap();
        page.enable_log().await.unwrap();
        let tab = Tab {
            page,
            is_phone: Cell::new(false),
        };
        tab.overhear(&self.complaints).await;
        tab.goto(address).await;
        tab
    }

    /// Does `act`, which starts a download, and waits until it is whole: its name and where it is.
    pub(super) async fn download(&self, act: impl Future<Output = ()>) -> (String, PathBuf) {
        let mut begun = self
            .process
            .event_listener::<EventDownloadWillBegin>()
            .await
            .unwrap();
        let mut progress = self
            .process
            .event_listener::<EventDownloadProgress>()
            .await
            .unwrap();
        act.await;
        let begun = next(&mut begun, "the start of a download").await;
        loop {
            let step = next(&mut progress, "the end of a download").await;
            match step.state {
                _ if step.guid != begun.guid => {}
                DownloadProgressState::InProgress => {}
                DownloadProgressState::Completed => break,
                DownloadProgressState::Canceled => panic!("the download was cut: {step:?}"),
            }
        }
        (
            begun.suggested_filename.clone(),
            self.downloads.path().join(&begun.guid),
        )
    }
}

/// One tab.
pub(super) struct Tab {
    page: Page,
    is_phone: Cell<bool>,
}

impl Tab {
    /// Writes down whatever goes wrong within the page, dialogs included.
    async fn overhear(&self, complaints: &Complaints) {
        self.note::<EventEntryAdded>(complaints, |event| {
            let entry = &event.entry;
            let url = entry.url.as_deref().unwrap_or("");
            (entry.level == LogEntryLevel::Error).then(|| format!("{} {url}", entry.text))
        })
        .await;
        self.note::<EventExceptionThrown>(complaints, |event| {
            Some(format!("{:?}", event.exception_details))
        })
        .await;
        self.note::<EventConsoleApiCalled>(complaints, |event| {
            let is_bad = matches!(
                event.r#type,
                ConsoleApiCalledType::Error | ConsoleApiCalledType::Warning
            );
            is_bad.then(|| format!("{:?}", event.args))
        })
        .await;
        let (page, complaints) = (self.page.clone(), complaints.clone());
        let mut dialogs = page
            .event_listener::<EventJavascriptDialogOpening>()
            .await
            .unwrap();
        tokio::spawn(async move {
            while let Some(dialog) = dialogs.next().await {
                complaints.add(format!("a dialog: {}", dialog.message));
                // Open, it would stop the page and whatever waits for it.
                let _ = page
                    .execute(Call(
                        "Page.handleJavaScriptDialog",
                        json!({ "accept": true }),
                    ))
                    .await;
            }
        });
    }

    async fn note<E: IntoEventKind + Send + Sync + Unpin>(
        &self,
        complaints: &Complaints,
        describe: fn(&E) -> Option<String>,
    ) {
        let mut events = self.page.event_listener::<E>().await.unwrap();
        let complaints = complaints.clone();
        tokio::spawn(async move {
            while let Some(event) = events.next().await {
                if let Some(complaint) = describe(&event) {
                    complaints.add(complaint);
                }
            }
        });
    }

    async fn call(&self, method: &'static str, parameters: Value) -> Value {
        let answer = self.page.execute(Call(method, parameters)).await;
        answer
            .unwrap_or_else(|error| panic!("{method}: {error}"))
            .result
    }

    /// Goes to `address` and waits until it is loaded.
    pub(super) async fn goto(&self, address: &str) {
        self.page
            .goto(address)
            .await
            .unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// Closes it, as a person would.
    pub(super) async fn close(self) {
        self.page.close().await.unwrap();
    }

    /// The value of a script's expression; a promise is waited for.
    pub(super) async fn eval(&self, expression: &str) -> Value {
        self.try_eval(expression)
            .await
            .unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    async fn try_eval(&self, expression: &str) -> Result<Value, String> {
        let evaluation = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let answer = self
            .page
            .execute(Call("Runtime.evaluate", evaluation))
            .await;
        let mut answer = answer.map_err(|error| error.to_string())?.result;
        match answer.get("exceptionDetails") {
            Some(details) => Err(details["exception"]["description"].to_string()),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Waits until `condition`, an expression that may fail meanwhile, is true in the page.
    pub(super) async fn until(&self, condition: &str) {
        let script = UNTIL
            .replace("CONDITION", condition)
            .replace("PATIENCE", &PATIENCE.as_millis().to_string());
        loop {
            match self.try_eval(&script).await {
                Ok(_) => return,
                // It went to another page, where the wait goes on.
                Err(error) if error.contains("navigated") || error.contains("context") => {}
                Err(error) => panic!("never: {condition}\n{}", error.replace("\\n", "\n")),
            }
        }
    }

    /// In front of the other tabs of its window, as the one that a person looks at.
    pub(super) async fn front(&self) {
        self.call("Page.bringToFront", json!({})).await;
    }

    /// The middle of the first element that fits `selector`, once nothing covers it.
    async fn place(&self, selector: &str) -> (f64, f64) {
        let place = PLACE.replace("SELECTOR", &json!(selector).to_string());
        self.until(&place).await;
        let place = self.eval(&place).await;
        (place[0].as_f64().unwrap(), place[1].as_f64().unwrap())
    }

    /// Clicks with the mouse; on a phone, taps with a finger.
    pub(super) async fn click(&self, selector: &str) {
        self.front().await;
        let (x, y) = self.place(selector).await;
        if self.is_phone.get() {
            for (step, points) in [
                ("touchStart", json!([{ "x": x, "y": y }])),
                ("touchEnd", json!([])),
            ] {
                let event = json!({ "type": step, "touchPoints": points });
                self.call("Input.dispatchTouchEvent", event).await;
            }
            return;
        }
        for step in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let button = if step == "mouseMoved" { "none" } else { "left" };
            let event = json!({ "type": step, "x": x, "y": y, "button": button, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Presses a key by its name: `Tab`, `Enter`, `/`.
    pub(super) async fn press(&self, key: &str) {
        self.front().await;
        let definition = get_key_definition(key).unwrap_or_else(|| panic!("no key {key:?}"));
        let mut event = json!({
            "type": "keyDown", "key": definition.key, "code": definition.code,
            "windowsVirtualKeyCode": definition.key_code,
        });
        let text = definition
            .text
            .or((definition.key.len() == 1).then_some(definition.key));
        match text {
            Some(text) => event["text"] = text.into(),
            None => event["type"] = "rawKeyDown".into(),
        }
        self.call("Input.dispatchKeyEvent", event.clone()).await;
        event["type"] = "keyUp".into();
        self.call("Input.dispatchKeyEvent", event).await;
    }

    /// Writes into what has the focus.
    pub(super) async fn write(&self, text: &str) {
        self.front().await;
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// Carries files and folders from a file manager to the page, and holds them over it.
    pub(super) async fn drag(&self, paths: &[&Path]) {
        self.front().await;
        for step in ["dragEnter", "dragOver"] {
            self.drag_step(step, paths).await;
        }
    }

    /// Lets go of them.
    pub(super) async fn drop(&self, paths: &[&Path]) {
        self.drag_step("drop", paths).await;
    }

    async fn drag_step(&self, step: &str, paths: &[&Path]) {
        let data = json!({ "items": [], "files": paths, "dragOperationsMask": 1 });
        let event = json!({ "type": step, "x": 300, "y": 400, "data": data });
        self.call("Input.dispatchDragEvent", event).await;
    }

    /// Clicks on what asks for files, and gives it these.
    pub(super) async fn choose(&self, selector: &str, paths: &[&Path]) {
        self.call(
            "Page.setInterceptFileChooserDialog",
            json!({ "enabled": true }),
        )
        .await;
        let mut opened = self
            .page
            .event_listener::<EventFileChooserOpened>()
            .await
            .unwrap();
        self.click(selector).await;
        let opened = next(&mut opened, "a file chooser").await;
        let files = json!({ "files": paths, "backendNodeId": opened.backend_node_id });
        self.call("DOM.setFileInputFiles", files).await;
    }

    /// Slows what the page sends down to `rate` bytes a second.
    pub(super) async fn slow_down(&self, rate: f64) {
        self.conditions(false, rate).await;
    }

    /// Takes the network away from the page, or gives it back.
    pub(super) async fn set_offline(&self, is_offline: bool) {
        self.conditions(is_offline, -1.0).await;
    }

    async fn conditions(&self, offline: bool, upload: f64) {
        let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload });
        self.call("Network.emulateNetworkConditions", conditions)
            .await;
    }

    /// The cookies that the page's requests carry.
    pub(super) async fn cookies(&self) -> Vec<Value> {
        let answer = self.call("Network.getCookies", json!({})).await;
        answer["cookies"].as_array().unwrap().clone()
    }

    /// Makes it a phone of common size, held upright.
    pub(super) async fn become_phone(&self) {
        self.is_phone.set(true);
        let screen = json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true });
        self.call("Emulation.setDeviceMetricsOverride", screen)
            .await;
        self.call(
            "Emulation.setTouchEmulationEnabled",
            json!({ "enabled": true }),
        )
        .await;
    }

    /// Gives it a screen of this size in CSS pixels.
    pub(super) async fn resize(&self, width: u32, height: u32) {
        let screen =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", screen)
            .await;
    }

    /// Prefers dark colours.
    pub(super) async fn darken(&self) {
        let feature = json!({ "name": "prefers-color-scheme", "value": "dark" });
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": [feature] }),
        )
        .await;
    }

    /// Prefers `language`, from the next page on.
    pub(super) async fn speak(&self, language: &str) {
        let agent = self.eval("navigator.userAgent").await;
        let preference = json!({ "userAgent": agent, "acceptLanguage": language });
        self.call("Emulation.setUserAgentOverride", preference)
            .await;
        self.call("Emulation.setLocaleOverride", json!({ "locale": language }))
            .await;
    }

    /// Runs `script` in every page to come, before the page's own.
    pub(super) async fn before_pages(&self, script: &str) {
        let source = json!({ "source": script });
        self.call("Page.addScriptToEvaluateOnNewDocument", source)
            .await;
    }

    /// What is on show, as a PNG.
    pub(super) async fn picture(&self) -> Vec<u8> {
        self.front().await;
        self.until("document.getAnimations().every((one) => one.playState !== 'running')")
            .await;
        self.page
            .screenshot(ScreenshotParams::builder().build())
            .await
            .unwrap()
    }
}

async fn next<E: Debug>(events: &mut (impl Stream<Item = E> + Unpin), what: &str) -> E {
    let event = tokio::time::timeout(PATIENCE, events.next()).await;
    event
        .unwrap_or_else(|_| panic!("{what} never came"))
        .expect("an open browser")
}

/// What went wrong within the pages of a browser.
#[derive(Clone, Default)]
struct Complaints(Arc<Mutex<Vec<String>>>);

impl Complaints {
    fn add(&self, complaint: String) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(complaint);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A command by its name, since the crate's builders take a screenful for each.
struct Call(&'static str, Value);

impl Method for Call {
    fn identifier(&self) -> Cow<'static, str> {
        self.0.into()
    }
}

impl serde::Serialize for Call {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.1.serialize(serializer)
    }
}

impl Command for Call {
    type Response = Value;
}

const ARGUMENTS: &[&str] = &[
    "disable-background-networking",
    "disable-component-update",
    "disable-dev-shm-usage",
    "disable-gpu",
    "disable-quic",
    "disable-sync",
    "no-first-run",
];

/// Looks whenever the page changes; the clock is for what is no part of the document.
const UNTIL: &str = "new Promise((resolve, reject) => {
  const holds = () => { try { return Boolean(CONDITION); } catch { return false; } };
  const end = (how, what) => { observer.disconnect(); clearInterval(timer); clearTimeout(limit); how(what); };
  const look = () => holds() && end(resolve);
  const observer = new MutationObserver(look);
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const timer = setInterval(look, 50);
  const limit = setTimeout(() => end(reject, new Error(`${location} ${document.title}\\n${document.body.innerText.slice(0, 2000)}`)), PATIENCE);
  look();
})";

const PLACE: &str = "(() => {
  const element = document.querySelector(SELECTOR);
  element.scrollIntoView({ block: 'nearest' });
  const box = element.getClientRects()[0];
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return element.contains(document.elementFromPoint(x, y)) ? [x, y] : null;
})()";
