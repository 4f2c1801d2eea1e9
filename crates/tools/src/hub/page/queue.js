// queue.js: sends files to the server, a few at a time, and keeps count.

const AT_ONCE = 3;
// A rate is the mean of about this many milliseconds: steady enough to read, quick enough to be true.
const MEMORY = 3000;

/** One file on its way. state: waiting, sending, done, failed, cancelled. */
export class Upload {
  state = "waiting";
  sent = 0;
  rate = 0;
  /** Why it failed, in the server's words where it gave some. */
  reason = null;
  /** The name it got when another file had its own. */
  savedAs = null;
  request = null;

  constructor(file, folder, path) {
    this.file = file;
    this.folder = folder;
    this.path = path;
    this.name = path.at(-1);
    this.size = file.size;
  }

  get address() {
    return `/.landline/upload${this.folder}${this.path.map(encodeURIComponent).join("/")}`;
  }

  get finished() {
    return this.state !== "waiting" && this.state !== "sending";
  }
}

/** Uploads in order, AT_ONCE at a time, said to be of `client`; `onChange(upload)` after each step of each. */
export class Queue {
  uploads = [];

  constructor(client, onChange) {
    this.client = client;
    this.onChange = onChange;
  }

  add(uploads) {
    this.uploads.push(...uploads);
    this.#start();
  }

  retry(upload) {
    Object.assign(upload, { state: "waiting", sent: 0, rate: 0, reason: null });
    this.onChange(upload);
    this.#start();
  }

  cancel(upload) {
    if (upload.finished) return;
    upload.state = "cancelled";
    upload.request?.abort();
    this.onChange(upload);
    this.#start();
  }

  /** Forgets what is over. */
  clear() {
    this.uploads = this.uploads.filter((upload) => !upload.finished);
  }

  get busy() {
    return this.uploads.some((upload) => !upload.finished);
  }

  #start() {
    let free = AT_ONCE - this.uploads.filter((upload) => upload.state === "sending").length;
    for (const upload of this.uploads) {
      if (free <= 0) return;
      if (upload.state !== "waiting") continue;
      free -= 1;
      this.#send(upload);
    }
  }

  #send(upload) {
    const request = new XMLHttpRequest();
    upload.request = request;
    upload.state = "sending";
    upload.since = performance.now();
    request.open("POST", `${upload.address}?client=${encodeURIComponent(this.client)}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (progress) => this.#progress(upload, progress.loaded);
    request.onload = () => this.#answered(upload, request);
    request.onerror = () => this.#failed(upload);
    request.send(upload.file);
    this.onChange(upload);
  }

  #progress(upload, loaded) {
    const now = performance.now();
    const passed = now - upload.since;
    if (passed < 80 && loaded < upload.size) return;
    const rate = ((loaded - upload.sent) / Math.max(1, passed)) * 1000;
    const weight = upload.rate ? 1 - Math.exp(-passed / MEMORY) : 1;
    upload.rate += (rate - upload.rate) * weight;
    upload.since = now;
    upload.sent = loaded;
    this.onChange(upload);
  }

  #answered(upload, request) {
    const answer = request.response;
    if (request.status === 201) {
      upload.state = "done";
      upload.sent = upload.size;
      const name = answer?.path?.split("/").at(-1);
      upload.savedAs = name && name.normalize() !== upload.name.normalize() ? name : null;
    } else {
      upload.state = "failed";
      upload.reason = answer?.error?.detail ?? `${request.status} ${request.statusText}`;
    }
    this.#next(upload);
  }

  // No answer: the line was cut, or the file could not be read any more (it was moved, or is a folder in disguise).
  async #failed(upload) {
    const readable = await upload.file.slice(0, 1).arrayBuffer().then(() => true, () => false);
    if (upload.state !== "sending") return;
    upload.state = "failed";
    upload.reason = readable ? null : "unreadable";
    this.#next(upload);
  }

  #next(upload) {
    upload.request = null;
    this.onChange(upload);
    this.#start();
  }
}
