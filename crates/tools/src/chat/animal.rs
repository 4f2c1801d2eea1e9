//! Names for those who give none.

use std::hash::{DefaultHasher, Hash, Hasher as _};

const MANNERS: [&str; 32] = [
    "Amber", "Blue", "Bold", "Brave", "Bright", "Calm", "Clever", "Copper", "Curious", "Eager",
    "Fair", "Gentle", "Golden", "Green", "Happy", "Keen", "Kind", "Lucky", "Merry", "Mild", "Neat",
    "Patient", "Proud", "Quick", "Quiet", "Silver", "Steady", "Sunny", "Swift", "Warm", "Wise",
    "Witty",
];

const ANIMALS: [&str; 32] = [
    "Badger", "Bear", "Beaver", "Crane", "Deer", "Dolphin", "Falcon", "Finch", "Fox", "Gecko",
    "Hare", "Heron", "Ibis", "Koala", "Lark", "Lynx", "Magpie", "Marten", "Mole", "Newt", "Otter",
    "Owl", "Panda", "Puffin", "Raven", "Robin", "Seal", "Sparrow", "Stork", "Swan", "Toad", "Wren",
];

/// Names in an order that the seed decides: who comes again with the same seed is offered the same ones.
pub(super) fn names(seed: impl Hash) -> impl Iterator<Item = String> {
    let mut hasher = DefaultHasher::new();
    seed.hash(&mut hasher);
    let start = hasher.finish() as usize % (MANNERS.len() * ANIMALS.len());
    (0..MANNERS.len() * ANIMALS.len()).map(move |step| {
        // An odd step is prime to the number of names, so that each comes once.
        let at = (start + step * 331) % (MANNERS.len() * ANIMALS.len());
        format!(
            "{} {}",
            MANNERS[at / ANIMALS.len()],
            ANIMALS[at % ANIMALS.len()]
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use landline_wire::chat::Name;

    use super::names;

    #[test]
    fn each_name_is_offered_once_and_is_valid() {
        let all: HashSet<String> = names("seed").collect();
        assert_eq!(all.len(), 1024);
        assert!(all.iter().all(|name| Name::parse(name).is_ok()));
        assert_eq!(names("seed").next(), names("seed").next());
    }
}
