//! Every route in one place, with the headers every answer carries.

use super::api::{
    access, aims, appeals, areas, assessments, attachments, audit, authorisations, budgets, chain, channels, claims,
    deliveries, dispatches, endings, grants, letterbox, levels, notices, openid, paid, passkeys, pictures, places,
    reports, responses, retention, rules, sessions, statements, statistics, triage, webhooks, weeks,
};
use super::pages::api_docs::ApiDocsView;
use super::problem::{ApiError, in_the_callers_language};
use super::public::{appeals as pages, feeds, inbound, pictures as files, respond, subscribe, thread};
use super::{docs, health};
use crate::app::App;
use actix_web::dev::Server;
use actix_web::middleware::{Compress, DefaultHeaders, from_fn};
use actix_web::{HttpRequest, HttpResponse, HttpServer, web};
use std::net::TcpListener;
use std::time::Duration;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;

/// A picture of 10 MiB in base64, and geometry of 5 MiB, fit; nothing reasonable is larger.
const JSON_LIMIT: usize = 15 * 1024 * 1024;
/// A form is text only.
const FORM_LIMIT: usize = 128 * 1024;

/// Messages of a platform, with a picture or two within them.
const FORWARDED_LIMIT: usize = 8 * 1024 * 1024;

/// `default-src 'none'` and nothing but our own stylesheet, pictures and forms (security-and-ops §3).
const CSP: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn api(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(appeals::file)
        .service(appeals::list)
        .service(appeals::show)
        .service(appeals::edit)
        .service(areas::set_area)
        .service(areas::draw_area)
        .service(aims::show)
        .service(areas::show_area)
        .service(appeals::import_lots)
        .service(appeals::add_lot)
        .service(places::search)
        .service(pictures::add)
        .service(pictures::look_at)
        .service(authorisations::record)
        .service(authorisations::list)
        .service(authorisations::verify)
        .service(authorisations::withdraw)
        .service(chain::plan)
        .service(budgets::set)
        .service(chain::submit)
        .service(chain::validate)
        .service(dispatches::create)
        .service(dispatches::events)
        .service(dispatches::show)
        .service(deliveries::list)
        .service(deliveries::resolve_all)
        .service(deliveries::resolve)
        .service(endings::takedown)
        .service(endings::close)
        .service(endings::report)
        .service(sessions::sign_in)
        .service(sessions::step_up)
        .service(sessions::list)
        // Before the one with an id, which would take `current` for one.
        .service(sessions::sign_out)
        .service(sessions::end)
        .service(sessions::end_everywhere)
        .service(sessions::recovery_codes)
        .service(grants::ask)
        .service(grants::list)
        .service(grants::confirm)
        .service(grants::end)
        .service(grants::take_role)
        .service(grants::disable)
        .service(grants::reset_factor)
        .service(access::activate)
        .service(access::me)
        .service(access::invite)
        .service(access::users)
        .service(access::units)
        .service(access::set_duty)
        .service(access::add_token)
        .service(access::tokens)
        .service(access::revoke_token)
        .service(rules::explain)
        .service(rules::change)
        .service(rules::restore)
        .service(weeks::compose)
        .service(weeks::list)
        .service(weeks::show)
        .service(weeks::validate)
        .service(weeks::release)
        .service(levels::list)
        .service(levels::delegate)
        .service(levels::give)
        .service(levels::confirm)
        .service(levels::end)
        .service(levels::reviews)
        .service(levels::review)
        .service(assessments::add)
        .service(assessments::list)
        .service(assessments::discover_minor)
        .service(assessments::keep_secrets)
        .service(authorisations::confirm)
        .service(authorisations::verify_confirmation)
        .service(audit::list)
        .service(audit::checkpoints)
        .service(audit::count_subscribers);
}

/// Who is told what happens, and by which way.
fn tidings(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(webhooks::add)
        .service(webhooks::list)
        .service(webhooks::change)
        .service(webhooks::remove)
        .service(webhooks::rotate)
        .service(webhooks::test)
        .service(webhooks::messages)
        .service(webhooks::again)
        .service(notices::show)
        .service(notices::set)
        .service(notices::remove)
        .service(reports::receiver)
        .service(reports::set_receiver);
}

/// What concerns accounts on outside platforms.
fn outside(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(channels::add)
        .service(channels::list)
        .service(channels::add_name)
        .service(channels::names)
        .service(channels::set_credential)
        .service(channels::retire)
        .service(channels::add_holder)
        .service(channels::remove_holder)
        .service(paid::csv);
}

/// What came back, and the work on it.
fn answers(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(responses::list)
        .service(responses::enter)
        .service(responses::open)
        .service(responses::judge)
        .service(responses::answer)
        .service(responses::erase)
        .service(responses::add_reader)
        .service(attachments::open)
        .service(letterbox::list)
        .service(letterbox::add_reader)
        .service(letterbox::open)
        .service(letterbox::route)
        .service(letterbox::remove)
        .service(claims::list)
        .service(claims::register)
        .service(claims::examine)
        .service(claims::ask)
        .service(claims::judge)
        .service(claims::hand_over)
        .service(claims::report)
        .service(reports::list)
        .service(reports::open)
        .service(reports::decide)
        .service(statements::propose)
        .service(statements::list)
        .service(statements::decide)
        .service(statements::note_identified)
        .service(statements::identified)
        .service(statements::take_back)
        .service(retention::show)
        .service(retention::hold)
        .service(statistics::show)
        .service(statistics::weekly)
        .service(triage::queue)
        .service(triage::open_next)
        .service(triage::lock)
        .service(triage::unlock)
        .service(triage::note)
        .service(triage::tag)
        .service(triage::link)
        .service(triage::offer)
        .service(triage::decide);
}

/// Ways in besides the password.
fn factors(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(passkeys::ask_at_sign_in)
        .service(passkeys::ask_in_session)
        .service(passkeys::begin)
        .service(passkeys::register)
        .service(passkeys::list)
        .service(passkeys::rename)
        .service(passkeys::remove)
        .service(passkeys::add_totp)
        .service(passkeys::remove_totp)
        .service(openid::begin)
        .service(openid::code)
        .service(openid::factor)
        .service(openid::begin_binding)
        .service(openid::bind)
        .service(openid::show)
        .service(openid::unbind);
}

fn public(config: &mut web::ServiceConfig) {
    // GET routes answer HEAD too: monitors and mail scanners ask that way.
    let get = || web::route().guard(actix_web::guard::Any(actix_web::guard::Get()).or(actix_web::guard::Head()));
    let page = |path: &'static str| web::resource(path);
    config
        .service(page("/").route(get().to(pages::choice)))
        .service(page("/assets/{file:.*}").route(get().to(files::asset)))
        .service(page("/media/{file}").route(get().to(files::picture)))
        .service(
            page("/inbound/messenger")
                .app_data(web::PayloadConfig::new(FORWARDED_LIMIT))
                .route(get().to(inbound::register))
                .route(web::post().to(inbound::forward)),
        )
        .service(page("/feeds/{file}").route(get().to(feeds::atom)))
        .service(page("/{language:fr|nl|de}").route(get().to(pages::home)))
        .service(page("/{language:fr|nl|de|en}/privacy").route(get().to(pages::privacy)))
        .service(page("/{language:fr|nl|de}/a/{slug}").route(get().to(pages::appeal)))
        .service(
            page("/{language:fr|nl|de|en}/a/{slug}/respond")
                .route(get().to(respond::form))
                .route(web::post().to(respond::send)),
        )
        .service(
            page("/{language:fr|nl|de|en}/r").route(get().to(thread::ask_code)).route(web::post().to(thread::thread)),
        )
        .service(page("/{language:fr|nl|de|en}/r/file").route(web::post().to(thread::file)))
        .service(
            page("/{language:fr|nl|de}/subscribe")
                .route(get().to(subscribe::form))
                .route(web::post().to(subscribe::send)),
        )
        .service(
            page("/{language:fr|nl|de}/subscribe/confirm/{token}")
                .route(get().to(subscribe::ask_confirm))
                .route(web::post().to(subscribe::confirm)),
        )
        .service(
            page("/{language:fr|nl|de}/unsubscribe/{link}")
                .route(get().to(subscribe::ask_unsubscribe))
                .route(web::post().to(subscribe::unsubscribe)),
        );
}

async fn openapi(document: web::Data<OpenApi>) -> Result<HttpResponse, ApiError> {
    let text = document.to_json().map_err(|e| crate::app::AppError::Broken(e.to_string()))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}

async fn readable(view: web::Data<ApiDocsView>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let page = view.render().map_err(|e| crate::app::AppError::Broken(e.to_string()))?;
    Ok(super::public::cached(&request, actix_web::http::StatusCode::OK, page))
}

async fn readable_rules(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let page = super::rules_page::view(&app.rules, Some(crate::app::check_texts::lint()?));
    let page = page.render().map_err(|e| crate::app::AppError::Broken(e.to_string()))?;
    Ok(super::public::cached(&request, actix_web::http::StatusCode::OK, page))
}

async fn nothing_here() -> Result<HttpResponse, ApiError> {
    Err(crate::app::AppError::NotFound.into())
}

/// Serves on an open listener until stopped.
pub fn serve(app: App, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
    serve_with(app, listener, workers, |_| {})
}

/// [`serve`] with further routes: for benches, which measure a route of their own beside the service's.
pub fn serve_with(
    app: App,
    listener: TcpListener,
    workers: usize,
    more: impl FnOnce(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> std::io::Result<Server> {
    let data = web::Data::new(app);
    let server = HttpServer::new(move || {
        let (app, mut document) = actix_web::App::new()
            .into_utoipa_app()
            // Before the scope, which would answer 404 for what it does not know.
            .map(|app| app.route("/api/v1/openapi.json", web::get().to(openapi)))
            .service(
                utoipa_actix_web::scope("/api/v1")
                    .configure(api)
                    .configure(answers)
                    .configure(tidings)
                    .configure(outside)
                    .configure(factors),
            )
            .split_for_parts();
        docs::describe(&mut document);
        let view = docs::view(&document);
        app.app_data(data.clone())
            .app_data(web::Data::new(document))
            .app_data(web::Data::new(view))
            .app_data(web::JsonConfig::default().limit(JSON_LIMIT).content_type_required(true).error_handler(
                |error, _| {
                    use actix_web::error::JsonPayloadError as E;
                    match error {
                        E::ContentType => ApiError::plain(
                            actix_web::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
                            "unsupported-media-type",
                        )
                        .into(),
                        E::Overflow { .. } | E::OverflowKnownLength { .. } => {
                            ApiError::plain(actix_web::http::StatusCode::PAYLOAD_TOO_LARGE, "too-large").into()
                        }
                        other => ApiError::malformed("", "invalid-json", other.to_string()).into(),
                    }
                },
            ))
            .app_data(web::FormConfig::default().limit(FORM_LIMIT))
            .route("/api/docs", web::get().to(readable))
            .route("/api/docs/rules", web::get().to(readable_rules))
            .route("/livez", web::get().to(health::live))
            .route("/readyz", web::get().to(health::ready))
            .configure(public)
            .configure(more.clone())
            .default_service(web::to(nothing_here))
            .wrap(from_fn(in_the_callers_language))
            .wrap(
                DefaultHeaders::new()
                    .add(("x-content-type-options", "nosniff"))
                    .add(("content-security-policy", CSP))
                    .add(("referrer-policy", "strict-origin-when-cross-origin"))
                    .add(("cross-origin-opener-policy", "same-origin"))
                    .add(("cross-origin-resource-policy", "same-origin"))
                    .add(("permissions-policy", "camera=(), microphone=(), geolocation=()")),
            )
            .wrap(Compress::default())
    })
    .workers(workers)
    // 10 s to the end of the headers, idle connections closed (security-and-ops §9).
    .client_request_timeout(Duration::from_secs(10))
    .keep_alive(Duration::from_secs(30))
    .shutdown_timeout(25)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}
