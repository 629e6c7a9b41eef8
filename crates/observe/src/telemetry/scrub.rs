//! Takes out of a text what could name a person or open a door, before it leaves the house.

/// The same text without e-mail addresses, long numbers such as telephones, passwords in addresses, and secrets. Ids stay:
/// they name a request or a record, and nobody.
pub(super) fn scrub(text: &str) -> String {
    let mut scrubbed = String::with_capacity(text.len());
    for word in
        text.split_inclusive(|letter: char| letter.is_whitespace() || "'\"(),;<>[]{}=".contains(letter))
    {
        let end =
            word.trim_end_matches(|letter: char| letter.is_whitespace() || "'\"(),;<>[]{}=".contains(letter));
        let rest = &word[end.len()..];
        scrubbed.push_str(replacement(end).unwrap_or(end));
        scrubbed.push_str(rest);
    }
    numbers(&scrubbed)
}

fn replacement(word: &str) -> Option<&'static str> {
    let bare = word.trim_matches(|letter: char| ".:!?".contains(letter));
    if bare.contains("://") && bare.contains('@') {
        return Some("[address]");
    }
    // Not trimmed: a name may be made of dots.
    if word.find('@').is_some_and(|at| at > 0 && at + 1 < word.len()) {
        return Some("[e-mail]");
    }
    let is_secret = |letter: u8| letter.is_ascii_alphanumeric() || b"_-+/".contains(&letter);
    let is_id = bare.len() == 36 && bare.bytes().filter(|letter| *letter == b'-').count() == 4;
    (bare.len() >= 40 && bare.bytes().all(is_secret) && !bare.contains("::") && !is_id).then_some("[secret]")
}

/// Runs of seven digits and more, however they are grouped, unless they are part of a word as in an id.
fn numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        let begins = letters[at].is_ascii_digit() || letters[at] == '+';
        let alone = at == 0 || !(letters[at - 1].is_alphanumeric() || "-_".contains(letters[at - 1]));
        if begins && alone {
            let grouped = |letter: &char| letter.is_ascii_digit() || "+-. ()/".contains(*letter);
            let mut run: &[char] = &letters[at..];
            run = &run[..run.iter().position(|letter| !grouped(letter)).unwrap_or(run.len())];
            while run.last().is_some_and(|last| !last.is_ascii_digit()) {
                run = &run[..run.len() - 1];
            }
            let ends = letters.get(at + run.len()).is_none_or(|next| !next.is_alphanumeric());
            if ends && run.iter().filter(|letter| letter.is_ascii_digit()).count() >= 7 {
                out.push_str("[number]");
                at += run.len();
                continue;
            }
        }
        out.push(letters[at]);
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::scrub;
    use proptest::prelude::*;

    #[test]
    fn what_names_a_person_or_opens_a_door_is_taken_out() {
        for (text, scrubbed) in [
            ("duplicate (email)=(ada@example.com) exists", "duplicate (email)=([e-mail]) exists"),
            ("call +1 (303) 555-0199 today", "call [number] today"),
            ("phone 3035550199", "phone [number]"),
            ("cannot connect to postgresql://u:hunter2@h/db", "cannot connect to [address]"),
            ("token AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "token [secret]"),
        ] {
            assert_eq!(scrub(text), scrubbed);
        }
    }

    #[test]
    fn what_helps_stays() {
        for text in [
            "relation \"app.customers\" does not exist",
            "panic: index 12345 out of range at src/features/pets.rs:200",
            "reservation 0190b3f2-7a1c-7c3e-8f00-000000000000 is gone",
            "db error: ERROR: canceling statement due to statement timeout (57014)",
        ] {
            assert_eq!(scrub(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_e_mail_address_survives(before in "[a-z ]{0,20}", name in "[a-z0-9.]{1,12}", domain in "[a-z]{2,10}\\.[a-z]{2,4}", after in "[ ,;)'\"][a-z ]{0,9}") {
            let text = format!("{before} {name}@{domain}{after}");
            prop_assert!(!scrub(&text).contains('@'), "{}", scrub(&text));
        }
    }
}
