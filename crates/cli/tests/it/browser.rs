//! The page in a real browser: headless Chromium, clicked, typed at and dropped on.

mod chat;
mod driver;
mod files;
mod guard;
mod hand;
mod picture;
mod upload;

use crate::nc;
use driver::Tab;
use serde_json::json;

use crate::up::Up;

/// The address of the page.
fn address(up: &Up) -> String {
    format!("http://{}/", up.page)
}

/// The row of the file or folder `name`.
fn row(name: &str) -> String {
    format!("#entries .entry[data-name={}]", json!(name))
}

/// Bytes that no compression makes fewer.
fn bytes(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

impl Tab {
    /// Waits until the page shows its folder and is in the room.
    async fn until_ready(&self) {
        self.until("document.querySelector('#listing').ariaBusy === 'false'")
            .await;
        self.until("document.querySelector('#connection').dataset.state === 'open'")
            .await;
    }

    /// The names on show, in their order.
    async fn names(&self) -> serde_json::Value {
        self.eval(
            "[...document.querySelectorAll('#entries .entry')].map((row) => row.dataset.name)",
        )
        .await
    }

    /// Waits until the page shows a row of this name.
    async fn until_row(&self, name: &str) {
        self.until(&format!("document.querySelector({})", json!(row(name))))
            .await;
    }
}
