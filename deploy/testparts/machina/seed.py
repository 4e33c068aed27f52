#!/usr/bin/env python3
"""Fills and changes the test forum through the engine's own models.

seed.py init                          boards, people, threads (once)
seed.py add BOARD TITLE TEXT [AUTHOR] a thread; prints its topic and post number
seed.py reply TOPIC TEXT [AUTHOR]     a reply; prints its post number
seed.py edit POST TEXT                changes a post
seed.py delete POST|topic:TOPIC       removes a post or a thread
seed.py lock|stick TOPIC              locks a thread, sticks it to the top
BOARD is a key of content.py (talk, jobs, city, trade).
"""

import os
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

import django  # noqa: E402

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db import transaction  # noqa: E402
from machina.apps.forum.models import Forum  # noqa: E402
from machina.apps.forum_conversation.models import Post, Topic  # noqa: E402
from machina.apps.forum_permission.models import ForumPermission, UserForumPermission  # noqa: E402

import content  # noqa: E402

SHANGHAI = timezone(timedelta(hours=8))


def author(name):
    user, _ = get_user_model().objects.get_or_create(username=name)
    return user


def board(key):
    return Forum.objects.get(name=content.BOARDS[key][0])


def make_boards():
    made = {}
    for key, (name, parent, description) in content.BOARDS.items():
        kind = Forum.FORUM_CAT if key == "work" else Forum.FORUM_POST
        forum = Forum(name=name, type=kind, description=description, parent=made.get(parent))
        forum.save()
        made[key] = forum
    hidden = Forum(name="管理区", type=Forum.FORUM_POST)
    hidden.save()
    for codename in ("can_see_forum", "can_read_forum"):
        permission = ForumPermission.objects.get(codename=codename)
        for forum in made.values():
            UserForumPermission.objects.create(forum=forum, permission=permission, anonymous_user=True, has_perm=True)


def say(topic, name, text, at, subject):
    post = Post(topic=topic, poster=author(name), subject=subject, content=text, approved=True)
    post.save()
    stamp(post, at)
    return post


def stamp(post, at):
    """Posting times are in the past; the engine would write now."""
    Post.objects.filter(pk=post.pk).update(created=at, updated=at)


def new_topic(key, title, texts, names, at, step=timedelta(minutes=37)):
    topic = Topic(forum=board(key), subject=title, poster=author(names[0]), type=Topic.TOPIC_POST, status=Topic.TOPIC_UNLOCKED, approved=True)
    topic.save()
    Topic.objects.filter(pk=topic.pk).update(created=at)
    posts = []
    for i, text in enumerate(texts):
        subject = title if i == 0 else "回复：" + title
        posts.append(say(topic, names[i % len(names)], text, at + step * i, subject))
    # The engine keeps the last post's time at the topic when it saves it.
    topic.refresh_from_db()
    topic.save()
    Topic.objects.filter(pk=topic.pk).update(created=at, last_post_on=at + step * (len(texts) - 1))
    return topic, posts


@transaction.atomic
def init():
    if Forum.objects.exists():
        return
    make_boards()
    at = datetime(2026, 10, 8, 2, 58, tzinfo=SHANGHAI)
    n = 0
    for key, title, texts in content.ORDINARY + content.LISTINGS:
        names = [content.USERS[(n + i) % len(content.USERS)] for i in range(len(texts))]
        new_topic(key, title, texts, names, at + timedelta(hours=7 * n))
        n += 1
    for title in content.FILLER:
        names = [content.USERS[n % len(content.USERS)], content.USERS[(n + 3) % len(content.USERS)]]
        new_topic("talk", title, [title + "，大家怎么看？", "看情况吧。"], names, at + timedelta(hours=7 * n))
        n += 1
    # A post that quotes an advertisement only to warn of it.
    advert = Topic.objects.get(subject=content.LISTINGS[0][1])
    quoted = "> 出智联简历，一手，现货3万条，2元一条\n\n别买，骗子，付款就拉黑"
    say(advert, "晴天", quoted, at + timedelta(hours=7 * n), "回复：" + advert.subject)
    rules = Topic.objects.get(subject=content.ORDINARY[0][1])
    rules.type = Topic.TOPIC_STICKY
    rules.save()


def main(args):
    command, rest = (args[0], args[1:]) if args else ("", [])
    now = datetime.now(SHANGHAI)
    if command == "init":
        init()
    elif command == "add" and len(rest) in (3, 4):
        topic, posts = new_topic(rest[0], rest[1], [rest[2]], [rest[3] if len(rest) == 4 else "资源小王"], now)
        print("topic=%d post=%d" % (topic.pk, posts[0].pk))
    elif command == "reply" and len(rest) in (2, 3):
        topic = Topic.objects.get(pk=int(rest[0]))
        post = say(topic, rest[2] if len(rest) == 3 else "小林", rest[1], now, "回复：" + topic.subject)
        topic.refresh_from_db()
        topic.save()
        Topic.objects.filter(pk=topic.pk).update(last_post_on=now)
        print("post=%d" % post.pk)
    elif command == "edit" and len(rest) == 2:
        post = Post.objects.get(pk=int(rest[0]))
        post.content = rest[1]
        post.updates_count += 1
        post.updated_by = post.poster
        post.save()
    elif command == "delete" and len(rest) == 1:
        if rest[0].startswith("topic:"):
            Topic.objects.get(pk=int(rest[0][len("topic:"):])).delete()
        else:
            Post.objects.get(pk=int(rest[0])).delete()
    elif command in ("lock", "stick") and len(rest) == 1:
        topic = Topic.objects.get(pk=int(rest[0]))
        if command == "lock":
            topic.status = Topic.TOPIC_LOCKED
        else:
            topic.type = Topic.TOPIC_STICKY
        topic.save()
    else:
        sys.stderr.write(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
