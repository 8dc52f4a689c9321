"""The pages that are made of the others."""

import re


def test_the_evidence_lists_and_counts_each_claim(project, render):
    rows = [
        "cnn-01,wrong,derived,cnn/a.md,Pooling | invariance.",
        "cnn-02,true,run,cnn/a.md,Weights are shared.",
    ]
    text = "\n".join(["id,verdict,decided,page,claim", *rows]) + "\n"
    project.write("docs/claims.csv", text)
    html = render("# Evidence\n\n::evidence\n")
    assert "2 claims placed: 1 true, 1 wrong. How decided: 1 run, 1 derived." in (
        re.sub(r"<[^>]+>", "", html)
    )
    assert html.count("<tr>") == 3
    assert render("# Home\n\n::counts\n").count("<strong>2 claims placed</strong>") == 1
    assert 'href="/cnn/a.md#cnn-01"' in html and "Pooling | invariance." in html


def test_the_corrections_say_what_holds_by_verdict(project, render):
    rows = [
        "cnn-01,wrong,run,cnn/a.md,Pooling | invariance.",
        "cnn-02,true,run,cnn/a.md,Weights are shared.",
        "cnn-03,imprecise,cited,cnn/a.md,Kernels are small.",
    ]
    text = "\n".join(["id,verdict,decided,page,claim", *rows]) + "\n"
    project.write("docs/claims.csv", text)
    headings = ["No | invariance { #cnn-01 }", "Yes { #cnn-02 }", "Now { #cnn-03 }"]
    project.write("docs/cnn/a.md", "\n\n".join(f"### {each}" for each in headings))
    html = render("# Corrections\n\n::corrections\n")
    assert re.findall("<h2.*?>(.*?):", html) == ["Imprecise", "Wrong"]
    assert html.count("<tr>") == 4 and "Weights are shared." not in html
    assert '<a href="/cnn/a.md#cnn-01">No | invariance</a>' in html
    assert "<td>Kernels are small.</td>" in html


def test_the_questions_stand_by_the_time_they_take(project, render):
    for name, minutes, level in [("a", 22, 2), ("b", 15, 3), ("c", 25, 1)]:
        matter = f"---\nminutes: {minutes}\nlevel: {level}\n---\n"
        project.write(f"docs/rnn/{name}.md", f"{matter}# Why {name}?\n")
    project.write("docs/index.md", "# No question\n")
    html = render("# By time\n\n::questions minutes\n")
    assert re.findall("<h2.*?>(.*?)</h2>", html) == ["In 15 minutes", "In 25 minutes"]
    titles = re.findall('<a href="/rnn/(.).md">Why (.)[?]</a>', html)
    assert titles == [("b", "b"), ("a", "a"), ("c", "c")]
    html = render("# By level\n\n::questions level\n")
    assert re.findall("<h2.*?>(.*?)</h2>", html) == ["Level 1", "Level 2", "Level 3"]


def test_the_map_counts_the_questions_and_the_time_of_each_topic(project, render):
    for page, minutes in [("rnn/a", 20), ("rnn/b", 25), ("cnn/a", 30)]:
        matter = f"---\nminutes: {minutes}\nlevel: 1\n---\n"
        project.write(f"docs/{page}.md", f"{matter}# Why?\n")
    links = (
        "[Recurrent](rnn/index.md) [Convolution](cnn/index.md) [Labs](labs/index.md)"
    )
    project.write("docs/index.md", f"# Home\n\n{links}\n")
    html = render("# Home\n\n::topics\n")
    cards = re.findall(r'<a href="/(\w+)/index.md">(\w+)</a> (.*)', html)
    assert [card[:2] for card in cards] == [
        ("rnn", "Recurrent"),
        ("cnn", "Convolution"),
    ]
    assert [re.sub("<.*", "", card[2]) for card in cards] == [
        "2 questions, 45 minutes",
        "1 question, 30 minutes",
    ]


def test_the_sheet_of_a_topic_has_its_answers_and_its_claims(project, render):
    rows = ["cnn-01,true,run,cnn/a.md,Shared.", "cnn-02,true,run,cnn/b.md,Local."]
    text = "\n".join(["id,verdict,decided,page,claim", *rows]) + "\n"
    project.write("docs/claims.csv", text)
    for name, number in [("a", 1), ("b", 2)]:
        parts = ["# Why?", "## In short", f"Answer {number}.", "## Evidence"]
        parts += [f"### Holds {{ #cnn-0{number} }}", "Words.", "### Other { #other }"]
        project.write(f"docs/cnn/{name}.md", "\n\n".join(parts) + "\n")
    project.write("docs/cnn/index.md", "# CNN\n\n[B](b.md), [A](a.md), [B](b.md)\n")
    html = render("# CNN\n\n::sheet cnn\n")
    assert re.findall(r"Answer \d", html) == ["Answer 2", "Answer 1"]
    found = re.findall('<a href="(.*?)">(.*?)</a></li>', html)
    assert found == [("b.md#cnn-02", "Holds"), ("a.md#cnn-01", "Holds")]
    assert html.count("data-search-exclude") == 2 and "Words" not in html


def test_the_uses_of_a_package_lead_to_its_names_and_to_the_pages(project, render):
    project.write("src/lib/__init__.py", "from lib.part import LIMIT, double\n")
    project.write("src/lib/part.py", "LIMIT = 3\n\n\ndef double(x):\n    return x\n")
    matter = "---\nminutes: 20\nlevel: 1\n---\n"
    for page, names in [("a", "double"), ("b", "LIMIT, double")]:
        project.page(f"rnn/{page}.md", f"from lib import {names}")
        path = project.root / f"docs/rnn/{page}.md"
        path.write_text(matter + path.read_text())
    html = render("# API\n\n::uses lib\n")
    names = re.findall('<a href="#(.*?)"><code>(.*?)</code></a>', html)
    assert names == [("lib.part.double", "double")]
    assert "<td><code>LIMIT</code></td>" in html
    assert re.findall('href="/rnn/(.).md"', html) == ["a", "b", "b"]
