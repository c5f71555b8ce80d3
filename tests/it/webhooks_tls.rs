//! Receivers behind TLS.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::{Hook, TempDir, World, synctv};

/// Takes everything, over TLS. Ends with the value.
struct Secure {
    child: Child,
    url: String,
}

const SERVER: &str = r#"
import http.server, ssl, sys
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

impl Secure {
    /// With a certificate that it signed itself.
    fn new(dir: &Path) -> Self {
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
            .args(["-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
            .current_dir(dir)
            .output()
            .expect("openssl runs");
        assert!(made.status.success(), "{made:?}");
        let mut command = Command::new("python3");
        let mut child =
            command.args(["-c", SERVER]).current_dir(dir).stdout(Stdio::piped()).spawn().expect("python3 runs");
        let mut port = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut port).expect("it tells its port");
        Self { child, url: format!("https://localhost:{}/hook", port.trim()) }
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_is_known_by_its_certificate() {
    let (world, dir) = (World::new().await, TempDir::new());
    let secure = Secure::new(dir.path());
    let hook = Hook::new(&world.database, &secure.url, &[]);
    let test = |trusted: Option<&Path>| {
        let mut command = synctv(&["webhook", "test", &hook.id, "--data-dir", "/nowhere"]);
        command.env("DATABASE_URL", &world.database).env_remove("SSL_CERT_DIR").env_remove("SSL_CERT_FILE");
        let output = command.envs(trusted.map(|file| ("SSL_CERT_FILE", file))).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let certificate = dir.path().join("cert.pem");
    assert_eq!(test(Some(&certificate)), (Some(0), format!("{}: taken\n", hook.id)));
    let (code, said) = test(None);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("certificate") && !said.contains("/hook"), "{said}");
}
