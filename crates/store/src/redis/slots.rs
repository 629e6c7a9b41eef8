//! Which master of a cluster holds a key: the slot by the key's hash tag, the master by CLUSTER SLOTS.

use ::redis::Value;

/// How many slots a cluster has.
pub(super) const SLOTS: u16 = 16_384;

/// The slot of a key: CRC16 (XMODEM) of its hash tag, which is what stands between the first `{` and the next `}`, or of
/// the whole key when there is none. <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/>
pub(super) fn slot(key: &[u8]) -> u16 {
    let tag = key.iter().position(|&byte| byte == b'{').and_then(|open| {
        let rest = &key[open + 1..];
        rest.iter().position(|&byte| byte == b'}').filter(|&length| length > 0).map(|length| &rest[..length])
    });
    let crc = tag.unwrap_or(key).iter().fold(0u16, |crc, &byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    });
    crc % SLOTS
}

/// Slots from first to last, and the address of their master.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) host: String,
    pub(super) port: u16,
}

/// Reads the answer to CLUSTER SLOTS. A master that does not know its own host leaves it out: it is the one asked.
pub(super) fn ranges(answer: Value, asked: &str) -> Option<Vec<Range>> {
    let range = |value: Value| {
        let mut parts = value.into_sequence().ok()?.into_iter();
        let (first, last, master) = (number(parts.next()?)?, number(parts.next()?)?, parts.next()?);
        let mut master = master.into_sequence().ok()?.into_iter();
        let host: Option<String> = ::redis::from_redis_value(master.next()?).ok()?;
        let host = host.filter(|host| !host.is_empty() && host != "?").unwrap_or_else(|| asked.to_owned());
        let port = number(master.next()?)?;
        (first <= last && last < SLOTS).then_some(Range { first, last, host, port })
    };
    answer.into_sequence().ok()?.into_iter().map(range).collect()
}

fn number(value: Value) -> Option<u16> {
    ::redis::from_redis_value(value).ok()
}

/// `host:port`, as a redirection names it.
pub(super) fn split_address<'a>(address: &'a str, asked: &'a str) -> Option<(&'a str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    Some((if host.is_empty() { asked } else { host }, port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(slot(b"123456789"), 0x31C3);
        assert_eq!(slot(b"foo"), 12_182);
        assert_eq!(slot(b"{user1000}.following"), slot(b"{user1000}.followers"));
        assert_eq!(slot(b"foo{bar}{zap}"), slot(b"bar"));
        assert_eq!(slot(b"foo{{bar}}zap"), slot(b"{bar"));
        assert_ne!(slot(b"foo{}{bar}"), slot(b"bar"));
    }

    #[test]
    fn the_map_is_read_and_a_missing_host_is_the_one_asked() {
        let text = |text: &str| Value::BulkString(text.into());
        let range = |first, last, host: Value, port| {
            Value::Array(vec![
                Value::Int(first),
                Value::Int(last),
                Value::Array(vec![host, Value::Int(port), text("id")]),
                Value::Array(vec![text("replica"), Value::Int(1)]),
            ])
        };
        let answer = Value::Array(vec![range(0, 99, text("h"), 7000), range(100, 16_383, Value::Nil, 7001)]);
        let read = ranges(answer, "me").unwrap();
        assert_eq!(read[0], Range { first: 0, last: 99, host: "h".into(), port: 7000 });
        assert_eq!((read[1].host.as_str(), read[1].last), ("me", 16_383));
        assert!(ranges(Value::Array(vec![range(5, 16_384, text("h"), 1)]), "me").is_none());
        assert_eq!(split_address(":7002", "me"), Some(("me", 7002)));
        assert_eq!(split_address("::1:7002", "me"), Some(("::1", 7002)));
    }
}
