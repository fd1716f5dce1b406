//! A small OpenID provider on loopback: discovery, keys, and a token address that checks the client, the code and PKCE. What
//! it says of somebody, and how it misbehaves, a test sets.

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as B64};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

pub const CLIENT: &str = "tocsin";
pub const SECRET: &str = "a secret of the client";
pub const BACK: &str = "https://console.example.be/back";

/// A code that waits to be spent.
struct Grant {
    challenge: String,
    claims: Value,
}

struct Inner {
    issuer: String,
    key: EcdsaKeyPair,
    name: &'static str,
    grants: BTreeMap<String, Grant>,
    made: u32,
}

pub struct Identity {
    inner: Arc<Mutex<Inner>>,
    server: actix_web::dev::ServerHandle,
}

type Shared = web::Data<Mutex<Inner>>;

fn new_key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

async fn discovery(inner: Shared) -> HttpResponse {
    let issuer = inner.lock().unwrap().issuer.clone();
    HttpResponse::Ok().json(json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}

async fn keys(inner: Shared) -> HttpResponse {
    let inner = inner.lock().unwrap();
    let (x, y) = inner.key.public_key().as_ref()[1..].split_at(32);
    HttpResponse::Ok().json(json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
        "kid": inner.name, "x": B64.encode(x), "y": B64.encode(y)}]}))
}

fn refuse() -> HttpResponse {
    HttpResponse::BadRequest().json(json!({"error": "invalid_grant"}))
}

async fn token(inner: Shared, request: HttpRequest, form: web::Form<BTreeMap<String, String>>) -> HttpResponse {
    let mut inner = inner.lock().unwrap();
    // Both are percent-encoded as in a form before they are joined (RFC 6749, 2.3.1).
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{}", SECRET.replace(' ', "+"))));
    let given = request.headers().get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let of = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let Some(grant) = inner.grants.remove(of("code")) else { return refuse() };
    let proves = B64.encode(Sha256::digest(of("code_verifier"))) == grant.challenge;
    if given != expected || !proves || of("redirect_uri") != BACK || of("grant_type") != "authorization_code" {
        return refuse();
    }
    let head = json!({"alg": "ES256", "typ": "JWT", "kid": inner.name});
    let text = format!("{}.{}", B64.encode(head.to_string()), B64.encode(grant.claims.to_string()));
    let signature = inner.key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    HttpResponse::Ok().json(json!({"access_token": "not used", "token_type": "Bearer", "expires_in": 300,
        "id_token": format!("{text}.{}", B64.encode(signature.as_ref()))}))
}

impl Identity {
    pub fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from((super::ANY, 0))).unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner { issuer, key: new_key(), name: "first", grants: BTreeMap::new(), made: 0 };
        let inner = Arc::new(Mutex::new(inner));
        let data = web::Data::from(inner.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/.well-known/openid-configuration", web::get().to(discovery))
                .route("/keys", web::get().to(keys))
                .route("/token", web::post().to(token))
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { inner, server: handle }
    }

    pub fn issuer(&self) -> String {
        self.inner.lock().unwrap().issuer.clone()
    }

    /// Somebody signs in where `url` sent them: the code with which they go back, and the state. `change` is what the
    /// provider says otherwise.
    pub fn approve(&self, url: &str, subject: &str, change: Value) -> (String, String) {
        let url = reqwest::Url::parse(url).unwrap();
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!((asked["client_id"].as_str(), asked["redirect_uri"].as_str()), (CLIENT, BACK));
        assert_eq!((asked["response_type"].as_str(), asked["code_challenge_method"].as_str()), ("code", "S256"));
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let now = chrono::Utc::now().timestamp();
        let mut inner = self.inner.lock().unwrap();
        let mut claims = json!({"iss": inner.issuer, "aud": CLIENT, "sub": subject, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"]});
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        inner.made += 1;
        let code = format!("code {}", inner.made);
        inner.grants.insert(code.clone(), Grant { challenge: asked["code_challenge"].clone(), claims });
        (code, asked["state"].clone())
    }

    /// Signs with another key from now on, and publishes it.
    pub fn change_key(&self, name: &'static str) {
        let mut inner = self.inner.lock().unwrap();
        inner.key = new_key();
        inner.name = name;
    }

    /// Answers nobody any more.
    pub async fn stop(&self) {
        self.server.stop(false).await;
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}
