//! The store against a real directory and against a small S3 server on the loopback that insists on signatures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]

use std::collections::HashMap;
use std::sync::Mutex;

use actix_web::http::Method;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

use super::*;

async fn walks_through(store: &MediaStore) {
    let bytes = Bytes::from_static(b"not really a picture");
    let digest = digest_of(&bytes);
    for text in ["", "../../etc/passwd", &"A".repeat(64), &"a".repeat(63), &"é".repeat(32)] {
        assert!(matches!(store.get(text).await, Err(StoreError::WrongDigest(_))));
    }
    assert_eq!(store.get(&digest).await.unwrap(), None);
    assert!(!store.exists(&digest).await.unwrap());
    store.delete(&digest).await.unwrap();
    store.put(&digest, bytes.to_vec()).await.unwrap();
    store.put(&digest, bytes.to_vec()).await.unwrap();
    assert!(store.exists(&digest).await.unwrap());
    assert_eq!(store.get(&digest).await.unwrap(), Some(bytes));
    let refused = store.put(&digest, b"other".to_vec()).await.unwrap_err();
    assert!(matches!(refused, StoreError::WrongDigest(_)), "{refused:?}");
    store.delete(&digest).await.unwrap();
    assert_eq!(store.get(&digest).await.unwrap(), None);
}

#[tokio::test]
async fn a_directory_keeps_and_forgets() {
    let directory = tempfile::tempdir().unwrap();
    walks_through(&MediaStore::directory(&directory.path().join("media")).unwrap()).await;
}

#[tokio::test]
async fn a_changed_file_is_corrupt_not_a_picture() {
    let directory = tempfile::tempdir().unwrap();
    let store = MediaStore::directory(directory.path()).unwrap();
    let digest = digest_of(b"as stored");
    store.put(&digest, b"as stored".to_vec()).await.unwrap();
    let name = &digest;
    let file = directory.path().join(&name[..2]).join(&name[2..4]).join(name);
    assert_eq!(std::fs::read(&file).unwrap(), b"as stored");
    assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "no staging file may remain");
    std::fs::write(&file, b"as changed").unwrap();
    let fault = store.get(&digest).await.unwrap_err();
    assert!(matches!(fault, StoreError::Damaged(ref which) if *which == digest));
}

fn bucket(endpoint: &str) -> Bucket<'_> {
    Bucket { name: "tocsin", endpoint, region: "eu-west-3", access_key: "AKTEST", secret_key: "s3cr3t" }
}

type Objects = web::Data<Mutex<HashMap<String, Bytes>>>;

/// PUT, GET, HEAD and DELETE on `/<bucket>/<key>`; anything unsigned is forbidden.
async fn serve(request: HttpRequest, body: Bytes, objects: Objects) -> HttpResponse {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKTEST/")
        && header("authorization").contains("/eu-west-3/s3/aws4_request");
    if !signed || header("x-amz-date").is_empty() {
        return HttpResponse::Forbidden().finish();
    }
    let Some(key) = request.path().strip_prefix("/tocsin/").map(str::to_owned) else {
        return HttpResponse::NotFound().finish();
    };
    let mut objects = objects.lock().unwrap();
    let etag = ("etag", "\"fixed\"");
    let modified = ("last-modified", "Tue, 01 Sep 2026 08:00:00 GMT");
    match *request.method() {
        Method::PUT => {
            assert_eq!(header("x-amz-content-sha256"), digest_of(&body));
            objects.insert(key, body);
            HttpResponse::Ok().insert_header(etag).finish()
        }
        Method::GET | Method::HEAD => match objects.get(&key) {
            Some(bytes) => HttpResponse::Ok().insert_header(etag).insert_header(modified).body(bytes.clone()),
            None => HttpResponse::NotFound().finish(),
        },
        Method::DELETE => {
            objects.remove(&key);
            HttpResponse::NoContent().finish()
        }
        _ => HttpResponse::MethodNotAllowed().finish(),
    }
}

#[actix_web::test]
async fn a_bucket_keeps_and_forgets_with_signed_requests() {
    let objects: Objects = web::Data::new(Mutex::new(HashMap::new()));
    let shared = objects.clone();
    let server = HttpServer::new(move || App::new().app_data(shared.clone()).default_service(web::to(serve)))
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
    let address = server.addrs()[0];
    let running = server.run();
    let handle = running.handle();
    actix_web::rt::spawn(running);

    let store = MediaStore::bucket(&bucket(&format!("http://{address}"))).unwrap();
    walks_through(&store).await;

    let digest = digest_of(b"kept");
    store.put(&digest, b"kept".to_vec()).await.unwrap();
    let name = &digest;
    let key = format!("{}/{}/{name}", &name[..2], &name[2..4]);
    objects.lock().unwrap().insert(key, Bytes::from_static(b"swapped"));
    assert!(matches!(store.get(&digest).await.unwrap_err(), StoreError::Damaged(_)));
    handle.stop(false).await;
}
