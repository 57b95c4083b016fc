from tests.browser.test_course_editor import *
from chorsu.training.actions import courses as actions
from tests.web.course_editor.content import WORDS, FACTS, unit, QUIZ
@pytest.mark.parametrize("width,lang,scheme", [(390,"tk","light"),(1280,"zh-hans","light"),(1280,"tk","dark")])
def test_shots(window, live_server, aigul, academy, editor, now, width, lang, scheme):
    draft = ready_course(editor, now)
    mods=[{"key":"first","units":[unit("rooms","reading"),unit("check","quiz",quiz=QUIZ),unit("letter","assignment",assignment={"forms":["text"],"rubric":[{"key":"clear","points":5}],"second_marker":True,"weight":2})]},{"key":"second","units":[unit("talk","live"),unit("film","video",video={"variants":[],"captions":[]}),unit("ask","survey",survey=[{"key":"q1","kind":"scale"}])]}]
    facts={**FACTS,"modules":mods,"competences":[]}
    from chorsu.training.rules.framework import framework
    facts["competences"]=[{"code":list(framework().competences)[2],"level":2}]
    draft=actions.save_draft(draft_id=draft.id,version=1,words={**WORDS,"units.letter.title":"A letter","rubrics.clear.criterion":"Is clear","rubrics.clear.levels":"5: all\n3: most","units.film.title":"","questions.q1.text":"Was the room quiet?"},facts=facts,by=editor,now=now)
    context = window.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    sign_in(context, live_server, editor)
    page = context.new_page()
    for path in ("work/", "work/courses/new/", "work/courses/{}/", "work/courses/{}/units/rooms/","work/courses/{}/units/check/","work/courses/{}/units/letter/","work/courses/{}/units/film/","work/courses/{}/units/ask/", "work/courses/{}/review/","work/courses/{}/publish/","work/courses/{}/versions/1/"):
        page.goto(f"{live_server.url}/{lang}/{path.format(draft.id)}")
        name=path.format("X").strip("/").replace("/","-")
        page.screenshot(path=f"/tmp/b-shots/{name}-{width}-{scheme}.png", full_page=True)
