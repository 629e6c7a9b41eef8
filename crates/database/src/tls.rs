//! TLS to PostgreSQL, as `sslmode` and `sslrootcert` of an address define it in libpq.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How connections to a server are protected: `sslmode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// No TLS.
    Disable,
    /// TLS if the server offers it, with any certificate; otherwise none.
    #[default]
    Prefer,
    /// TLS with any certificate; with `sslrootcert` the same as [`Mode::VerifyCa`], as in libpq.
    Require,
    /// TLS with a certificate that a trusted authority issued.
    VerifyCa,
    /// The same, and the certificate must be for the host name of the address.
    VerifyFull,
}

/// The TLS settings of one address.
#[derive(Clone)]
pub struct Tls {
    pub(crate) mode: Mode,
    /// The file of trusted certificates; `None` for the system's.
    roots: Option<PathBuf>,
    /// `None` when connections never use TLS.
    pub(crate) connector: Option<MakeRustlsConnect>,
}

/// The reason why TLS settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error(
        "sslmode={0}: must be disable, prefer, require, verify-ca or verify-full (allow is taken as prefer)"
    )]
    Mode(String),
    #[error("sslrootcert={path}: {reason}; it must name a readable file of certificates in PEM format")]
    Roots { path: String, reason: String },
    #[error(
        "this system has no trusted certificates: install them (on Debian and Ubuntu `apt-get install ca-certificates`), or \
         name a file of them with sslrootcert"
    )]
    NoSystemRoots,
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}

impl Mode {
    /// Reads the value of `sslmode`.
    ///
    /// # Errors
    /// When there is no such mode.
    pub fn parse(text: &str) -> Result<Self, TlsError> {
        match text {
            "disable" => Ok(Self::Disable),
            "allow" | "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" => Ok(Self::VerifyFull),
            _ => Err(TlsError::Mode(text.to_owned())),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

impl Tls {
    /// No TLS.
    pub fn disabled() -> Self {
        Self { mode: Mode::Disable, roots: None, connector: None }
    }

    /// Reads the trusted certificates, if any are needed.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn new(mode: Mode, roots: Option<PathBuf>) -> Result<Self, TlsError> {
        if mode == Mode::Disable {
            return Ok(Self::disabled());
        }
        let verifies = match mode {
            Mode::Disable | Mode::Prefer => false,
            Mode::Require => roots.is_some(),
            Mode::VerifyCa | Mode::VerifyFull => true,
        };
        let setup = |error: &dyn fmt::Display| TlsError::Setup(error.to_string());
        let provider = Arc::new(ring::default_provider());
        let chain = if verifies {
            let store = Arc::new(match &roots {
                Some(path) => read(path)?,
                None => system()?,
            });
            let verifier = WebPkiServerVerifier::builder_with_provider(store, provider.clone());
            Some(verifier.build().map_err(|error| setup(&error))?)
        } else {
            None
        };
        let verifier = Verifier { chain, checks_name: mode == Mode::VerifyFull, provider: provider.clone() };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| setup(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        // PostgreSQL requires this when a connection begins with TLS at once (sslnegotiation=direct).
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Self { mode, roots, connector: Some(MakeRustlsConnect::new(config)) })
    }

    /// The file of trusted certificates, for programs that do not find the system's file, such as libpq before version 16.
    pub(crate) fn roots_file(&self) -> Option<PathBuf> {
        let system = || openssl_probe::probe().cert_file.filter(|_| self.mode >= Mode::VerifyCa);
        self.roots.clone().or_else(system)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("mode", &self.mode).field("roots", &self.roots).finish_non_exhaustive()
    }
}

fn read(path: &PathBuf) -> Result<RootCertStore, TlsError> {
    let told = |reason: String| TlsError::Roots { path: path.display().to_string(), reason };
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| told(error.to_string()))? {
        let certificate = certificate.map_err(|error| told(error.to_string()))?;
        store.add(certificate).map_err(|error| told(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(told("it has no certificate".to_owned()));
    }
    Ok(store)
}

fn system() -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    let (added, _) = store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 { Err(TlsError::NoSystemRoots) } else { Ok(store) }
}

/// Checks a server's certificate as the mode requires. It always checks that the server has the certificate's private key.
#[derive(Debug)]
struct Verifier {
    chain: Option<Arc<WebPkiServerVerifier>>,
    checks_name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        // The name is checked last, so this error means that everything else is valid.
        match chain.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.checks_name => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
