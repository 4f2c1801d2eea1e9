//! Replays what fuzzing starts from and what it found: each target over each file of its corpus.

use std::path::Path;

/// A test for each target; its file is named as seen from where this is called.
macro_rules! replay {
    ($($target:ident $path:literal;)*) => {
        $(
            #[path = $path]
            mod $target;

            #[test]
            fn $target() {
                replay::over_corpus(stringify!($target), $target::run);
            }
        )*
    };
}

/// Runs a target over its corpus; an empty one would prove nothing, so it fails.
pub(crate) fn over_corpus(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let mut count = 0;
    for entry in folder.read_dir().unwrap() {
        run(&std::fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0, "{} is empty", folder.display());
}
