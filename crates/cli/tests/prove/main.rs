//! The long cases.
