@testable import WebConfiguration

/// Texts of configurations.
enum Sample {
    /// Of "secret".
    static let hash = "$2y$04$sT7oz72gGmNd/8vH4ncCWeMeui/Hl3ND3R.O3/VMUyOktk4Ac1QAa"
    static let costlierHash = "$2y$05$wkp5SQLKxG61vq0j4SR89OmLoP0EVxCnkcjofh4OTT1kzGU9SVHya"

    /// Everything that there is but certificates in the text, with a little of YAML's variety.
    static let full = """
        # A comment.
        ---
        tls_server_config:
          cert_file: tls/cert.pem
          "key_file": '/keys/key.pem'
          client_ca_file: "ca.pem"
          client_auth_type: RequireAndVerifyClientCert
          client_allowed_sans: [prometheus.example, 10.0.0.1]
          min_version: TLS11
          max_version: TLS13
          cipher_suites:
            - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
            - "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
          prefer_server_cipher_suites: no
          curve_preferences: [X25519, CurveP256]
        http_server_config: &unused
          http2: true
          headers:
            X-Frame-Options: deny
            Content-Security-Policy: >-
              default-src 'self';
              a: b
            X-XSS-Protection: ""
        basic_auth_users:
          alice: \(hash)
          "zo\\u00eb": \(costlierHash)
        rate_limit: {interval: 250ms, burst: 20}
        ...

        """
}

extension WebConfiguration {
    /// As if from `/etc/exporter/web.yml`.
    init(_ text: String) throws(WebConfigurationError) {
        try self.init(parsing: Array(text.utf8), path: "/etc/exporter/web.yml")
    }
}
