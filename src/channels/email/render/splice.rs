//! From one text for everybody to one mail for somebody: two marks become that recipient's own links.
//! A text that brings a mark of its own is refused, so no notice can move or multiply a recipient's link.

use askama::Template;

/// Stands for the recipient's link that stops the alerts.
pub const UNSUBSCRIBE_MARK: &str = "{{unsubscribe}}";
/// Stands for the recipient's link to the response form.
pub const RESPOND_MARK: &str = "{{respond}}";

/// A mail could not be written out.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template failed: memory, or a broken `Display`.
    #[error("a mail could not be rendered")]
    Template(#[from] askama::Error),
    /// The text of the appeal contains one of our marks.
    #[error("the text contains the reserved mark `{0}`")]
    MarkInText(&'static str),
}

/// A mail with its marks: the same for every recipient of one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The `text/plain` part.
    pub text: String,
    /// The `text/html` part.
    pub html: String,
}

/// A mail for one recipient. Its links are secrets of that recipient, so Debug shows only the subject.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// One line.
    pub subject: String,
    /// The `text/plain` part.
    pub text: String,
    /// The `text/html` part.
    pub html: String,
}

/// One recipient's own absolute links.
#[derive(Clone, Copy)]
pub struct Links<'a> {
    /// Where the alerts are stopped.
    pub unsubscribe: &'a str,
    /// Where the appeal is answered.
    pub respond: &'a str,
}

impl Rendered {
    /// Renders both parts and counts the marks: each part must hold exactly what its template puts there.
    pub(super) fn of(
        subject: &str,
        text: &impl Template,
        html: &impl Template,
        respond: bool,
        unsubscribe: bool,
    ) -> Result<Self, RenderError> {
        let rendered = Self { subject: one_line(subject), text: text.render()?, html: html.render()? };
        for (mark, wanted) in [(RESPOND_MARK, usize::from(respond)), (UNSUBSCRIBE_MARK, usize::from(unsubscribe))] {
            let in_place = |part: &str| part.matches(mark).count() == wanted;
            if rendered.subject.contains(mark) || !in_place(&rendered.text) || !in_place(&rendered.html) {
                return Err(RenderError::MarkInText(mark));
            }
        }
        Ok(rendered)
    }

    /// The mail of one recipient.
    #[must_use]
    pub fn splice(&self, links: Links<'_>) -> Mail {
        let (unsubscribe, respond) = (escaped(links.unsubscribe), escaped(links.respond));
        Mail {
            subject: self.subject.clone(),
            text: replaced(&self.text, links),
            html: replaced(&self.html, Links { unsubscribe: &unsubscribe, respond: &respond }),
        }
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Header fields end at a line break; a title must not be able to begin another one.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() && c != '\u{a0}' || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// One pass, so that a link is never searched for marks.
fn replaced(part: &str, links: Links<'_>) -> String {
    let mut spliced = String::with_capacity(part.len() + links.unsubscribe.len() + links.respond.len());
    let mut rest = part;
    while let Some((before, from_mark)) = rest.find("{{").and_then(|at| rest.split_at_checked(at)) {
        spliced.push_str(before);
        if let Some(after) = from_mark.strip_prefix(UNSUBSCRIBE_MARK) {
            spliced.push_str(links.unsubscribe);
            rest = after;
        } else if let Some(after) = from_mark.strip_prefix(RESPOND_MARK) {
            spliced.push_str(links.respond);
            rest = after;
        } else {
            spliced.push_str("{{");
            rest = from_mark.strip_prefix("{{").unwrap_or_default();
        }
    }
    spliced.push_str(rest);
    spliced
}

/// A link inside an HTML attribute.
fn escaped(link: &str) -> String {
    link.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(part: &str) -> Rendered {
        Rendered { subject: "Alerte".to_owned(), text: part.to_owned(), html: part.to_owned() }
    }

    #[test]
    fn each_recipient_gets_their_own_links_and_html_gets_them_escaped() {
        let links = Links { unsubscribe: "https://a.example/u?t=1&x=2", respond: "https://a.example/r" };
        let mail = rendered("stop {{unsubscribe}} or {{respond}}.").splice(links);
        assert_eq!(mail.text, "stop https://a.example/u?t=1&x=2 or https://a.example/r.");
        assert_eq!(mail.html, "stop https://a.example/u?t=1&amp;x=2 or https://a.example/r.");
    }

    #[test]
    fn a_link_is_not_searched_for_marks_and_other_braces_stay() {
        let links = Links { unsubscribe: "u/{{respond}}", respond: "r" };
        let mail = rendered("{{unsubscribe}} {{other}} {{{respond}} {{").splice(links);
        assert_eq!(mail.text, "u/{{respond}} {{other}} {{{respond}} {{");
        assert_eq!(rendered("{ {{respond}}").splice(links).text, "{ r");
    }

    #[test]
    fn a_subject_stays_one_line() {
        assert_eq!(one_line("Lina\r\nBcc: x@example.org\u{b}!"), "Lina Bcc: x@example.org !");
        assert_eq!(one_line("À témoins\u{a0}: qui ?"), "À témoins\u{a0}: qui ?");
    }

    #[test]
    fn links_of_a_recipient_stay_out_of_logs() {
        let mail = rendered("{{unsubscribe}}").splice(Links { unsubscribe: "secret", respond: "" });
        assert!(!format!("{mail:?}").contains("secret"));
    }
}
