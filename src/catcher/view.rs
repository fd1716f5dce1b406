//! Caught mails in a browser: a list, and each mail as headers, text, HTML in a sandbox, and source. No script anywhere.
//! Links are relative, so the pages work below any path that ends in a slash.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use askama::Template;
use mail_parser::{HeaderValue, Message, MessageParser, PartType};

use super::{CaughtMail, SmtpCatcher};

/// Mails on one page: more than anybody reads, few enough to parse at each visit.
const LISTED: usize = 200;

/// Our own pages: one style sheet, one frame, nothing else.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A mail's own HTML, which anybody may have written: no script, no form, no origin of ours. Pictures load, because a
/// developer looks at this to see what a recipient would see.
const HTML_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

struct Line {
    number: usize,
    at: String,
    to: String,
    subject: String,
    language: String,
}

#[derive(Template)]
#[template(path = "caught_list.html")]
struct List {
    accepted: usize,
    /// Accepted, but not on this page.
    hidden: usize,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "caught_mail.html")]
struct One {
    number: usize,
    at: String,
    from: String,
    to: String,
    subject: String,
    language: String,
    /// Of the envelope's connection.
    way: String,
    headers: Vec<(String, String)>,
    text: Option<String>,
    has_html: bool,
    bytes: usize,
}

/// The catcher's pages: list, style sheet, and `/{number}` with `/html` and `/source` below it.
pub fn routes(catcher: SmtpCatcher) -> impl Fn(&mut web::ServiceConfig) + Clone {
    move |config| {
        config
            .app_data(web::Data::new(catcher.clone()))
            .route("/", web::get().to(list))
            .route("/caught.css", web::get().to(style))
            .route("/{number}", web::get().to(one))
            .route("/{number}/html", web::get().to(html))
            .route("/{number}/source", web::get().to(source));
    }
}

async fn list(catcher: web::Data<SmtpCatcher>) -> HttpResponse {
    let lines: Vec<Line> = catcher.mails().iter().rev().take(LISTED).map(line).collect();
    let accepted = catcher.accepted();
    page(&List { accepted, hidden: accepted.saturating_sub(lines.len()), lines })
}

async fn one(catcher: web::Data<SmtpCatcher>, number: web::Path<usize>) -> HttpResponse {
    let Some(mail) = catcher.mail(*number) else {
        return nothing();
    };
    let Line { number, at, to, subject, language } = line(&mail);
    let message = MessageParser::default().parse(&mail.raw);
    let way = match (&mail.login, mail.is_encrypted) {
        (Some(user), true) => format!("TLS, logged in as {user}"),
        (Some(user), false) => format!("in clear, logged in as {user}"),
        (None, true) => "TLS".to_owned(),
        (None, false) => "in clear".to_owned(),
    };
    page(&One {
        number,
        at,
        from: if mail.from.is_empty() { "<>".to_owned() } else { mail.from.clone() },
        to,
        subject,
        language,
        way,
        headers: message.as_ref().map(headers).unwrap_or_default(),
        text: message.as_ref().and_then(own_text),
        has_html: message.as_ref().and_then(own_html).is_some(),
        bytes: mail.raw.len(),
    })
}

/// The HTML part as the sender made it, where it can do nothing.
async fn html(catcher: web::Data<SmtpCatcher>, number: web::Path<usize>) -> HttpResponse {
    let Some(mail) = catcher.mail(*number) else {
        return nothing();
    };
    let Some(body) = MessageParser::default().parse(&mail.raw).as_ref().and_then(own_html) else {
        return nothing();
    };
    answer("text/html; charset=utf-8", HTML_POLICY).body(body)
}

async fn source(catcher: web::Data<SmtpCatcher>, number: web::Path<usize>) -> HttpResponse {
    match catcher.mail(*number) {
        Some(mail) => answer("text/plain; charset=utf-8", "sandbox; default-src 'none'").body(mail.raw),
        None => nothing(),
    }
}

async fn style() -> HttpResponse {
    answer("text/css; charset=utf-8", "default-src 'none'").body(include_str!("templates/caught.css"))
}

fn answer(content_type: &str, policy: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(content_type)
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // The links in a mail are secrets of its recipient.
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((CACHE_CONTROL, "no-store"));
    answer
}

fn page(template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(text) => answer("text/html; charset=utf-8", PAGE_POLICY).body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn nothing() -> HttpResponse {
    HttpResponse::NotFound()
        .content_type("text/plain; charset=utf-8")
        .body("No such mail: never caught, or dropped since.")
}

fn line(mail: &CaughtMail) -> Line {
    let message = MessageParser::default().parse(&mail.raw);
    let subject = message.as_ref().and_then(Message::subject).map(str::trim).filter(|subject| !subject.is_empty());
    Line {
        number: mail.number,
        at: mail.at.format("%Y-%m-%d %H:%M:%S").to_string(),
        to: mail.to.join(", "),
        subject: subject.unwrap_or("(no subject)").to_owned(),
        language: message.as_ref().map(language).unwrap_or_default(),
    }
}

fn language(message: &Message<'_>) -> String {
    match message.header("Content-Language") {
        Some(HeaderValue::Text(code)) => code.trim().to_owned(),
        Some(HeaderValue::TextList(codes)) => codes.join(", "),
        _ => String::new(),
    }
}

/// As they came, unfolded: what an encoded word says is shown as the subject above.
fn headers(message: &Message<'_>) -> Vec<(String, String)> {
    let unfolded = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
    message.headers_raw().map(|(name, value)| (name.to_owned(), unfolded(value))).collect()
}

/// The text part the sender wrote; the parser would also make one up from the HTML.
fn own_text(message: &Message<'_>) -> Option<String> {
    message.text_bodies().find_map(|part| match &part.body {
        PartType::Text(text) => Some(text.clone().into_owned()),
        _ => None,
    })
}

fn own_html(message: &Message<'_>) -> Option<String> {
    message.html_bodies().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.clone().into_owned()),
        _ => None,
    })
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
