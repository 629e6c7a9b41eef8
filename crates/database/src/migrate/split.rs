//! One file into its statements: a distributed table takes most schema changes only one to a message.

use squawk_lexer::{TokenKind, tokenize};

/// The statements of `sql`, in order, without their semicolons. Semicolons in strings, comments, dollar quotes and
/// `begin atomic … end` bodies do not divide.
pub(super) fn statements(sql: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut place, mut depth) = (0, 0, 0u32);
    let mut empty = true;
    let mut before = String::new();
    for token in tokenize(sql) {
        let text = &sql[place..place + token.len as usize];
        place += token.len as usize;
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => continue,
            TokenKind::Semi if depth == 0 => {
                if !empty {
                    found.push(sql[start..place - 1].trim());
                }
                (start, empty) = (place, true);
                continue;
            }
            TokenKind::Ident => {
                let word = text.to_ascii_lowercase();
                match word.as_str() {
                    "atomic" if before == "begin" => depth += 1,
                    "case" if depth > 0 => depth += 1,
                    "end" if depth > 0 => depth -= 1,
                    _ => {}
                }
                before = word;
            }
            _ => before.clear(),
        }
        empty = false;
    }
    if !empty {
        found.push(sql[start..].trim());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_inside_of_things_do_not_divide() {
        let sql = "-- a; b\nselect 'x;y', \"q;r\" /* ; /* ; */ */;\ncreate function f() returns void language plpgsql as $$\n\
                   begin\n  perform 1; perform $q$;$q$;\nend $$;\n;\nselect E'\\';' ; select 1";
        let found = statements(sql);
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[1].contains("perform 1; perform"));
        assert_eq!(found[3], "select 1");
    }

    #[test]
    fn an_sql_body_is_one_statement() {
        let sql = "create function f(a int) returns int begin atomic select case when a > 0 then 1 else 2 end; select 3; end; select 4;";
        assert_eq!(statements(sql).len(), 2);
    }

    #[test]
    fn nothing_but_comments_is_nothing() {
        assert!(statements("-- only words;\n/* ; */ ;;").is_empty());
    }
}
