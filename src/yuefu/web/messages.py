"""What the web layer itself says to people, in both languages."""

from __future__ import annotations

from yuefu.web.language import Language

#: Key -> (English, Chinese). ``{}`` fields are filled by the caller.
MESSAGES: dict[str, tuple[str, str]] = {
    "log_in": ("Log in first, or send an API key.", "请先登录，或者带上 API 密钥。"),
    "bad_key": ("This API key isn't known, or was revoked.", "没有这个 API 密钥，或者它已被撤销。"),
    "bad_login": ("The name or the password isn't right.", "名字或密码不对。"),
    "admin_only": ("Only an administrator may do this.", "只有管理员可以这样做。"),
    "accounts_off": ("This studio runs without accounts.", "这个工作室没有开启账户。"),
    "csrf": ("The page is out of date: load it again and repeat what you did.", "页面已过期：请刷新后再试一次。"),
    "foreign_origin": (
        "The request comes from another site: only the studio's own pages may change things.",
        "请求来自别的网站：只有工作室自己的页面可以改动内容。",
    ),
    "foreign_host": (
        "The studio doesn't answer to this name: open it as localhost.",
        "工作室不接受这个主机名：请用 localhost 打开。",
    ),
    "too_large": ("The request has more than {limit} MB: send less.", "请求超过 {limit} MB：请减小后再发。"),
    "too_deep": ("The JSON is nested deeper than {limit} levels.", "JSON 的嵌套超过 {limit} 层。"),
    "bad_json": ("The request isn't valid JSON: {reason}.", "请求不是有效的 JSON：{reason}。"),
    "bad_text": (
        "The request holds characters that no text has: NUL or half of a surrogate pair.",
        "请求里有文本不能包含的字符：NUL 或半个代理对。",
    ),
    "bad_address": ("The address isn't valid.", "地址无效。"),
    "invalid": ("{field}: {reason}", "{field}：{reason}"),
    "too_fast": ("Too many requests: wait {seconds} s.", "请求太频繁：请等 {seconds} 秒。"),
    "queue_full": (
        "The queue is full: try again in about {seconds} s.",
        "排队已满：大约 {seconds} 秒后再试。",
    ),
    "too_many_streams": (
        "Too many streams are open at once: close one first.",
        "同时打开的进度流太多：请先关闭一个。",
    ),
    "busy": ("The studio is busy: try again in a moment.", "工作室正忙：请稍后再试。"),
    "not_found": ("There is no such thing here, or it isn't yours.", "这里没有这个内容，或者它不属于你。"),
    "no_page": ("There is no such page.", "没有这一页。"),
    "no_method": ("This address doesn't know that method.", "这个地址不支持这种方法。"),
    "need_if_match": (
        "Say which state you are changing: send If-Match with the piece's ETag.",
        "请说明改动的是哪个状态：用 If-Match 带上作品的 ETag。",
    ),
    "stale": (
        "The piece has changed meanwhile: load it again, then repeat the change.",
        "作品在此期间已有改动：请重新载入后再改。",
    ),
    "not_made": (
        "This file isn't made yet: start a job of kind '{job}' first.",
        "这个文件还没有生成：请先提交 {job} 任务。",
    ),
    "not_trashed": ("Only a piece in the trash can be erased for ever.", "只有回收站里的作品才能彻底删除。"),
    "bad_kind": ("Send the file to /api/v1/pieces/import.", "请把文件发送到 /api/v1/pieces/import。"),
    "no_file": ("No file arrived: send it as the field 'file'.", "没有收到文件：请用字段 file 发送。"),
    "fault": (
        "Something went wrong in the studio; it is noted under {id}.",
        "工作室内部出错，编号 {id}。",
    ),
    "weak_password": ("Give a password of 10 to 200 characters.", "请用 10 到 200 个字符的密码。"),
    "format_unknown": ("There is no format '{name}': use one of {known}.", "没有格式 {name}：可用 {known}。"),
    "page_unknown": ("The piece has {count} pages.", "作品共有 {count} 页。"),
    "playlist": ("Playlist", "歌单"),
    "event.kind": ("Nothing of this kind happens to music.", "没有这种类型的事件。"),
    "event.no_item": ("It doesn't say what was listened to.", "没有说明是哪首曲子。"),
    "event.unknown_item": ("There is no such music here, or it isn't yours.", "没有这个曲目，或者它不属于你。"),
    "event.future": ("Its time lies in the future.", "它的时间在未来。"),
    "event.too_early": ("It is older than any such record can be.", "它早于可能有记录的年代。"),
    "event.second": ("The music doesn't have this second.", "乐曲里没有这一秒。"),
    "event.value": ("It has a value that can't be.", "它的数值不可能。"),
    "event.told_twice": ("It was told twice.", "重复的事件。"),
    "event.inhuman_rate": ("It came faster than anybody listens.", "播放快得不像人。"),
    "event.never_ending": ("It is of play that went on for days without a pause.", "它来自连续数日不停的播放。"),
    "event.same_intervals": ("It came at a machine's equal intervals.", "它的间隔如机器般相等。"),
}  # fmt: skip


def say(key: str, language: Language, **values: object) -> str:
    """A message in a language.

    >>> say("too_large", "en", limit=2)
    'The request has more than 2 MB: send less.'
    """
    english, chinese = MESSAGES[key]
    return (chinese if language == "zh" else english).format(**values)
