//! What is wrong with a request, place by place. `http` finds the words (`fault-<code>`) in the caller's language.

/// One place that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the document; empty for the whole.
    pub pointer: String,
    /// Stable code.
    pub code: &'static str,
    /// Named values for the sentence: limits and what was given.
    pub args: Vec<(&'static str, String)>,
}

impl Fault {
    /// A fault whose code says everything.
    #[must_use]
    pub fn at(pointer: impl Into<String>, code: &'static str) -> Self {
        Self { pointer: pointer.into(), code, args: Vec::new() }
    }

    /// Adds a named value.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "callers hand over literals, numbers and references alike")]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}
