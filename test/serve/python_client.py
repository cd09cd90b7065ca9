"""OpenAI's client for Python against `boardroom serve`; fails where it is not served as by OpenAI."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from openai import AuthenticationError, BadRequestError, NotFoundError, OpenAI

url, key, question = sys.argv[1:]
client = OpenAI(base_url=url, api_key=key)
messages = [{"role": "system", "content": "Be exact."}, {"role": "user", "content": question}]


def ask(content=question, **more):
    given = {"model": "boardroom-ceo", "messages": [{"role": "user", "content": content}], **more}
    return client.chat.completions.create(**given)


def refused(error, **more):
    try:
        more.pop("client", client).chat.completions.create(**{"model": "boardroom-ceo", "messages": messages, **more})
    except error as raised:
        return raised
    raise AssertionError(f"not refused: {more}")


assert [model.id for model in client.models.list()][0] == "boardroom-ceo"

reply = ask()
assert reply.choices[0].message.content.endswith("Answer: 42"), reply
assert reply.choices[0].finish_reason == "stop"
assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens
assert reply.boardroom["answer"] == "42"

said, thought, usage = "", "", None
for chunk in ask(stream=True, stream_options={"include_usage": True}):
    usage = chunk.usage or usage
    for choice in chunk.choices:
        said += choice.delta.content or ""
        thought += getattr(choice.delta, "reasoning_content", None) or ""
assert said.endswith("Answer: 42") and "CEO: recruit" in thought and usage.total_tokens > 0

short = ask(extra_body={"budget_tokens": 1500}, model="boardroom-team")
assert short.usage.total_tokens <= 1500, short.usage
assert refused(BadRequestError, max_completion_tokens=40).param == "max_completion_tokens"
assert refused(NotFoundError, model="gpt-9").code == "model_not_found"
assert refused(AuthenticationError, client=OpenAI(base_url=url, api_key="other")).code == "invalid_api_key"

with ThreadPoolExecutor(10) as pool:
    for answer in pool.map(lambda _: ask(), range(10)):
        assert answer.choices[0].message.content.endswith("Answer: 42")

stream = ask("Please hang.", stream=True)
next(iter(stream))
time.sleep(0.3)
stream.close()
print("done")
