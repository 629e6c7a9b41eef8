//! The address a request comes from: the connection's other end, or what trusted proxies say is behind them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::Request;
use http::HeaderMap;
use ipnet::IpNet;

/// The other end of a connection, in the extensions of its requests.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The client's address, in the extensions of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The proxies whose `X-Forwarded-For` is believed: addresses and networks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl FromStr for Proxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let parse = |part: &str| {
            let address = part.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
            address.or_else(|_| part.parse()).map_err(|_| format!("{part} is no address and no network"))
        };
        Ok(Self(parts.map(parse).collect::<Result<_, _>>()?))
    }
}

impl Proxies {
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client behind `peer`. `X-Forwarded-For` is read from the right for as long as a trusted proxy wrote it; what cannot
    /// be read, or is missing, counts as the last proxy before it.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        let mut elements = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        while self.trusts(client) {
            let Some(next) = elements.next().and_then(address) else { break };
            client = next;
        }
        client
    }
}

/// An element of `X-Forwarded-For`, with or without a port.
fn address(element: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(element).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// Notes the client's address on the request.
pub(crate) fn note(proxies: &Proxies, request: &mut Request) {
    if let Some(Peer(peer)) = request.extensions().get().copied() {
        let client = proxies.client(peer, request.headers());
        request.extensions_mut().insert(ClientAddress(client));
    }
}

/// The network that counts as one client: an address of IPv4, or the 2⁶⁴ addresses of IPv6 that one site has (RFC 6177).
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn client(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies: Proxies = proxies.parse().unwrap();
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_network_of_ipv6_is_one_client_and_its_neighbour_another() {
        let of = |address: &str| network(address.parse().unwrap()).to_string();
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_eq!(of("2001:db8:1:2::7"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::7"), of("2001:db8:1:3::7"));
    }

    #[test]
    fn a_forwarded_address_is_believed_from_a_proxy_only() {
        let of = |peer, forwarded| client("127.0.0.1, 10.0.0.0/8, fd00::/8", peer, &[forwarded]);
        assert_eq!(of("203.0.113.7", "192.0.2.1"), "203.0.113.7");
        assert_eq!(of("127.0.0.1", "192.0.2.1"), "192.0.2.1");
        assert_eq!(of("::ffff:127.0.0.1", "192.0.2.9, 192.0.2.1, 10.0.0.1"), "192.0.2.1");
        assert_eq!(of("fd00::1", "198.51.100.1,2001:db8::7, 10.200.0.1 ,fd12::1"), "2001:db8::7");
        assert_eq!(of("127.0.0.1", "::ffff:192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn several_fields_are_one_list() {
        assert_eq!(
            client("127.0.0.1,10.0.0.1", "127.0.0.1", &["192.0.2.1", "192.0.2.2, 10.0.0.1"]),
            "192.0.2.2"
        );
        assert_eq!(client("127.0.0.1,10.0.0.1", "127.0.0.1", &["192.0.2.1", "10.0.0.1"]), "192.0.2.1");
    }

    #[test]
    fn an_address_may_come_with_a_port() {
        for (forwarded, address) in [
            ("192.0.2.1:5678", "192.0.2.1"),
            ("[2001:db8::7]:5678", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
        ] {
            assert_eq!(client("127.0.0.1", "127.0.0.1", &[forwarded]), address);
        }
    }

    #[test]
    fn what_cannot_be_read_counts_as_the_last_proxy_before_it() {
        let of = |forwarded: &[&str]| client("127.0.0.1, 10.0.0.0/8", "127.0.0.1", forwarded);
        assert_eq!(of(&[]), "127.0.0.1");
        assert_eq!(of(&[""]), "127.0.0.1");
        assert_eq!(of(&["nonsense"]), "127.0.0.1");
        assert_eq!(of(&["192.0.2.1, nonsense"]), "127.0.0.1");
        assert_eq!(of(&["192.0.2.1, unknown, 10.0.0.1"]), "10.0.0.1");
        assert_eq!(of(&["nonsense, 192.0.2.1"]), "192.0.2.1");
        assert_eq!(of(&["192.0.2.1:99999"]), "127.0.0.1");
        assert_eq!(of(&["10.0.0.1, 10.0.0.2"]), "10.0.0.1");
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        assert!("127.0.0.1, home".parse::<Proxies>().is_err());
        assert!("10.0.0.0/33".parse::<Proxies>().is_err());
        assert_eq!("".parse::<Proxies>().unwrap(), Proxies(Vec::new()));
    }

    proptest! {
        /// Whatever a client sends through a proxy that adds its address, it cannot choose what it counts as.
        #[test]
        fn nothing_before_the_proxys_own_element_matters(sent in proptest::collection::vec("[ -~]{0,40}", 0..4)) {
            let mut lines: Vec<&str> = sent.iter().map(String::as_str).collect();
            lines.push("203.0.113.7");
            prop_assert_eq!(client("127.0.0.1", "127.0.0.1", &lines), "203.0.113.7");
        }
    }
}
