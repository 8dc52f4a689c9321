"""The search finds a question as an interviewer would put it."""

import pytest

ASKED = {
    "why divide by sqrt dk": "transformer/self-attention",
    "what is a KV cache": "transformer/efficient-attention",
    "what is beam search": "transformer/decoding",
    "explain LoRA": "transformer/fine-tuning",
    "how many parameters does GPT have": "transformer/scaling",
    "difference between batch norm and layer norm": "fundamentals/normalization",
    "how do you choose a learning rate": "fundamentals/optimizers",
    "why ReLU instead of sigmoid": "fundamentals/activation-functions",
    "what is dropout and why does it work": "fundamentals/regularization",
    "why not mean squared error for classification": "fundamentals/losses",
    "random forest vs gradient boosting": "ensembles/boosting-vs-random-forest",
    "when to use xgboost vs lightgbm": "ensembles/xgboost-vs-lightgbm",
    "why use skip connections": "cnn/residual-connections",
    "is convolution translation invariant": "cnn/pooling",
    "how does LSTM solve vanishing gradients": "rnn/vanishing-gradients",
    "how to handle sequences of different lengths": "rnn/variable-length-sequences",
    "what is teacher forcing": "rnn/sequence-to-sequence",
    "how would you fix mode collapse": "generative/mode-collapse",
    "how do you evaluate a GAN": "generative/evaluation",
    "what is the reparameterization trick": "generative/autoencoders",
    "how to predict customer churn": "scenarios/churn",
    "how to deal with imbalanced classes": "scenarios/medical-imaging",
    "time series forecasting model": "scenarios/forecasting",
}
FOUND = "() => document.querySelector('.md-search-result__item a')"


@pytest.mark.parametrize(("asked", "page"), ASKED.items(), ids=ASKED.values())
def test_the_page_is_among_the_first_three(visit, site, asked, page):
    shown, troubles = visit(f"?q={asked.replace(' ', '+')}")
    shown.wait_for_function(FOUND)
    links = shown.eval_on_selector_all(
        ".md-search-result__item a", "links => links.map(link => link.href)"
    )
    pages = dict.fromkeys(
        link.removeprefix(site).partition("?")[0].strip("/") for link in links
    )
    assert page in list(pages)[:3]
    assert troubles == []


def test_the_index_is_fetched_with_the_first_wish_to_search(visit):
    page, troubles = visit("")
    with page.expect_response("**/search_index.json"):
        page.locator("[name=query]").click()
    for asked in ("LSTM gates", "beam search"):
        page.locator("[name=query]").press("Control+A")
        page.keyboard.type(asked)
        page.wait_for_function(FOUND)
    assert troubles == []
