"""Drives the stand-in with Scenario's own client, with its response validation on.

Addresses and credentials come from the environment; the last line printed is a JSON
object of what was made, for the caller to compare with the stand-in's account.
"""

import base64
import hashlib
import json
import os
import sys
import time

import httpx
import scenario_sdk
from scenario_sdk import Scenario

PROJECT = "proj_contract"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MIN_PART = 5 * 1024 * 1024


def connect(base_url, **more):
    options = {
        "base_url": base_url,
        "api_key": os.environ["STANDIN_KEY"],
        "api_secret": os.environ["STANDIN_SECRET"],
        "_strict_response_validation": True,
        "max_retries": 0,
    }
    options.update(more)
    return Scenario(**options)


def refused(kind, call):
    try:
        call()
    except kind as e:
        return e
    raise AssertionError(f"{kind.__name__} was not raised")


def send(client, content, cut, **create):
    """Takes content to its import, its parts last to first."""
    parts = [content[i : i + cut] for i in range(0, len(content), cut)]
    made = client.uploads.create(
        file_size=len(content), parts=len(parts), project_id=PROJECT, **create
    ).upload
    assert made.status == "pending" and made.source == "multipart", made
    fresh = client.uploads.retrieve(made.id, project_id=PROJECT).upload
    links = {int(p.number): p.url for p in fresh.parts or made.parts}
    assert sorted(links) == list(range(1, len(parts) + 1)), links
    for number in sorted(links, reverse=True):
        answer = httpx.put(
            links[number],
            content=parts[number - 1],
            headers={"Content-Type": create["content_type"]},
        )
        assert answer.status_code == 200 and answer.headers["etag"], answer
    done = client.uploads.trigger_action(made.id, action="complete", project_id=PROJECT).upload
    assert done.status in ("complete", "validating", "validated", "imported"), done
    give_up = time.monotonic() + 60
    while done.status != "imported":
        assert done.status != "failed" and time.monotonic() < give_up, done
        time.sleep(0.02)
        done = client.uploads.retrieve(made.id, project_id=PROJECT).upload
    assert done.entity_id, done
    if done.job_id:
        job = client.jobs.retrieve(done.job_id, project_id=PROJECT).job
        assert job.status == "success", job
    return done


def main():
    client = connect(os.environ["STANDIN_URL"])
    made = {}

    first = client.collections.create(name="Characters", project_id=PROJECT).collection
    assert first.name == "Characters" and first.item_count == 0, first

    image = os.urandom(MIN_PART) + PNG
    done = send(
        client,
        image,
        MIN_PART,
        file_name="hero.png",
        content_type="image/png",
        kind="image",
        asset_options={"collection_ids": [first.id], "hide": True},
    )
    made["image"] = {"id": done.entity_id, "sha256": hashlib.sha256(image).hexdigest()}
    asset = client.assets.retrieve(done.entity_id, project_id=PROJECT).asset
    assert asset.kind == "image" and asset.mime_type == "image/png", asset
    assert asset.collection_ids == [first.id] and asset.is_hidden, asset
    assert asset.properties.size == len(image), asset
    assert hashlib.sha256(httpx.get(asset.url).content).hexdigest() == made["image"]["sha256"]

    for kind, mime in (
        ("3d", "model/gltf-binary"),
        ("audio", "audio/wav"),
        ("video", "video/mp4"),
        ("text", "text/plain"),
        ("avatar", "image/png"),
        ("asset", "application/octet-stream"),
    ):
        content = os.urandom(100)
        done = send(
            client, content, MIN_PART, file_name="f." + kind, content_type=mime, kind=kind,
            asset_options={"parent_id": asset.id},
        )
        made[kind] = {"id": done.entity_id, "sha256": hashlib.sha256(content).hexdigest()}
        got = client.assets.retrieve(done.entity_id, project_id=PROJECT).asset
        assert got.metadata.parent_id == asset.id, got

    content = os.urandom(100)
    done = send(
        client, content, MIN_PART, file_name="lora.safetensors",
        content_type="application/octet-stream", kind="model",
    )
    made["model"] = {"id": done.entity_id, "sha256": hashlib.sha256(content).hexdigest()}
    model = client.models.retrieve(done.entity_id, project_id=PROJECT).model
    assert model.id == done.entity_id, model
    refused(scenario_sdk.NotFoundError, lambda: client.assets.retrieve(model.id, project_id=PROJECT))

    small = send(
        client, PNG, MIN_PART, file_name="dot.png", content_type="image/png", kind="image",
        asset_options={"collection_ids": [first.id]},
    ).entity_id
    made["small"] = {"id": small, "sha256": hashlib.sha256(PNG).hexdigest()}

    names = ["Characters"] + [f"Collection {i}" for i in range(24)]
    for name in names[1:]:
        client.collections.create(name=name, project_id=PROJECT)
    client.collections.create(name="elsewhere", project_id="proj_other")
    for size in (scenario_sdk.omit, 1, 7, 100):
        listed = [c.name for c in client.collections.list(page_size=size, project_id=PROJECT)]
        assert listed == names, listed
    page = client.collections.list(project_id=PROJECT)
    assert len(page.collections) == 10 and page.next_pagination_token, page
    refused(scenario_sdk.BadRequestError, lambda: client.collections.list(page_size=101, project_id=PROJECT))

    everything = {m["id"] for kind, m in made.items() if kind != "model"}
    for size in (scenario_sdk.omit, 1, 3, 100):
        listed = list(client.assets.list(page_size=size, project_id=PROJECT))
        assert {a.id for a in listed} == everything and len(listed) == len(everything), listed
    assert listed[0].id == small and listed[0].metadata.name == "dot.png", listed[0]
    assert listed[0].properties.size == len(PNG), listed[0]
    up = list(client.assets.list(sort_by="createdAt", sort_direction="asc", project_id=PROJECT))
    assert [a.id for a in up] == [a.id for a in reversed(listed)], up
    held = {a.id for a in client.assets.list(collection_id=first.id, project_id=PROJECT)}
    assert held == {asset.id, small}, held
    assert [a.id for a in client.assets.list(type="uploaded-3d", project_id=PROJECT)] == [made["3d"]["id"]]
    assert not list(client.assets.list(project_id="proj_other"))
    refused(scenario_sdk.BadRequestError, lambda: client.assets.list(page_size=101, project_id=PROJECT))
    refused(scenario_sdk.NotFoundError, lambda: client.assets.list(collection_id="collection_x", project_id=PROJECT))

    added = client.collections.assets.add(
        first.id, asset_ids=[made["3d"]["id"], made["audio"]["id"]], project_id=PROJECT
    ).collection
    assert added.asset_count == 4, added
    added = client.collections.models.add(first.id, model_ids=[model.id], project_id=PROJECT).collection
    assert added.api_model_count == 1 and added.item_count == 5, added
    got = client.collections.retrieve(first.id, project_id=PROJECT).collection
    assert got.item_count == 5 and got.thumbnail, got
    refused(
        scenario_sdk.BadRequestError,
        lambda: client.collections.assets.add(first.id, asset_ids=["asset_x"] * 50, project_id=PROJECT),
    )
    refused(scenario_sdk.NotFoundError, lambda: client.collections.retrieve(first.id, project_id="proj_other"))
    refused(scenario_sdk.NotFoundError, lambda: client.uploads.retrieve("upload_none", project_id=PROJECT))

    refused(
        scenario_sdk.AuthenticationError,
        lambda: connect(os.environ["STANDIN_URL"], api_secret="wrong").collections.list(),
    )

    limited = connect(os.environ["STANDIN_LIMITED_URL"])

    def hurry():
        for _ in range(3):
            limited.collections.list()

    e = refused(scenario_sdk.RateLimitError, hurry)
    assert e.response.headers["retry-after"] == "1", e.response.headers
    patient = connect(os.environ["STANDIN_LIMITED_URL"], max_retries=5)
    for _ in range(2):
        patient.collections.list()

    # Were the validation off, none of the above would prove much.
    unknown = connect(os.environ["STANDIN_UNKNOWN_URL"])
    stored = send(unknown, PNG, MIN_PART, file_name="dot.png", content_type="image/png", kind="image").entity_id
    refused(scenario_sdk.APIResponseValidationError, lambda: unknown.assets.retrieve(stored, project_id=PROJECT))

    json.dump({"version": scenario_sdk.__version__, "made": made}, sys.stdout)


main()
