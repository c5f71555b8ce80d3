use synctv_domain::{ChatText, DisplayName, InvalidText, MediaUrl, Reaction, Reason, RoomName, Title};

#[test]
fn texts_are_trimmed_and_not_empty() {
    let name = DisplayName::parse("  Ada L. \n").map(|name| name.to_string());
    assert_eq!(name, Ok("Ada L.".to_owned()));
    for empty in ["", "  ", "\n\t"] {
        let refused = Err(InvalidText::Empty { what: "message" });
        assert_eq!(ChatText::parse(empty), refused, "{empty:?}");
    }
}

#[test]
fn each_text_has_its_length_in_characters() {
    let fits = |max: usize, parse: &dyn Fn(&str) -> bool| {
        let text = "é".repeat(max);
        assert!(parse(&text), "{max} characters fit");
        assert!(!parse(&(text + "é")), "{max} characters are all");
    };
    fits(64, &|text| DisplayName::parse(text).is_ok());
    fits(100, &|text| RoomName::parse(text).is_ok());
    fits(200, &|text| Title::parse(text).is_ok());
    fits(4000, &|text| ChatText::parse(text).is_ok());
    fits(500, &|text| Reason::parse(text).is_ok());
    fits(16, &|text| Reaction::parse(text).is_ok());
    fits(2031, &|text| MediaUrl::parse(&format!("https://media.ex/{text}")).is_ok());
}

#[test]
fn control_characters_are_refused() {
    for control in ["\0", "\u{7}", "\u{1b}", "\u{7f}", "\u{85}", "\r"] {
        let text = format!("a{control}b");
        assert!(ChatText::parse(&text).is_err(), "{text:?}");
        assert!(Title::parse(&text).is_err(), "{text:?}");
    }
    for layout in ["a\nb", "a\tb"] {
        assert!(ChatText::parse(layout).is_ok(), "{layout:?}");
        assert!(Reason::parse(layout).is_err(), "{layout:?}");
    }
}

#[test]
fn a_media_url_is_absolute_with_a_host() {
    for url in [
        "https://media.example/film.mp4?x=1#t",
        "http://media.example",
        "HTTPS://MEDIA.EXAMPLE/",
        "http://127.0.0.1:8080/a",
        "http://[::1]/a",
        "http://[::1]:80/a",
        "https://user@media.example/",
    ] {
        assert!(MediaUrl::parse(url).is_ok(), "{url}");
    }
    for url in [
        "media.example/film.mp4",
        "/film.mp4",
        "//media.example/x",
        "ftp://media.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http:/media.example",
        "http://",
        "http:///path",
        "http://?x",
        "http://:80/",
        "http://user@/",
        "http://[]/",
        "http://host:port/",
        "http://a b/",
        "http://a/b c",
        "http://\\evil/",
    ] {
        assert!(MediaUrl::parse(url).is_err(), "{url}");
    }
}

#[test]
fn reading_json_checks_the_text() {
    let read = |text: &str| serde_json::from_str::<Reaction>(text);
    assert_eq!(read(r#""+""#).map(|reaction| reaction.to_string()).ok(), Some("+".to_owned()));
    for text in [r#""""#, r#""12345678901234567""#, "7", "null"] {
        assert!(read(text).is_err(), "{text}");
    }
}
