"""Makes the golden file of chat templates: each template with conversations, rendered by Jinja as transformers sets it up.

usage: templates.py OUT.json
"""

import json
import sys

from transformers.utils.chat_template_utils import render_jinja_template

TEMPLATES = {
    # ChatML with a default system turn, newlines as real ones
    "chatml": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe "
              "kind.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
              "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    # escapes, trim, attribute access, a variable, blocks on lines of their own
    "headers": "{{- bos_token }}\n{%- for message in messages %}\n    {%- set content = '<|header|>' + message.role + "
               "'<|/header|>\\n\\n' + message.content | trim + '<|eot|>' %}\n    {{- content }}\n{%- endfor %}\n"
               "{%- if add_generation_prompt %}\n    {{- '<|header|>assistant<|/header|>\\n\\n' }}\n{%- endif %}\n",
    # slices, a refusal, counting turns
    "inst": "{% if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] %}{% set rest = messages[1:] %}"
            "{% else %}{% set system = '' %}{% set rest = messages %}{% endif %}{{ bos_token }}{% for message in rest %}"
            "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}"
            "{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + (system + '\\n' if loop.index0 == 0 and system else '') "
            "+ message['content'] + ' [/INST]' }}{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}",
    # blocks on lines: trim_blocks and lstrip_blocks; namespace
    "lines": "{% set ns = namespace(seen=false) %}\n{% for message in messages %}\n  {% if message['role'] == 'system' %}\n"
             "    {% set ns.seen = true %}\n  {% endif %}\n<{{ message['role'] }}>{{ message['content'] }}</{{ message['role'] }}>\n"
             "{% endfor %}\n{% if not ns.seen %}\nno system\n{% endif %}\n{% if add_generation_prompt %}\n<assistant>{% endif %}\n",
}

USER = dict(role="user", content="  What is 2 < 3 & \"4\"?\nSay 'so'. ")
CONVERSATIONS = [
    [USER],
    [USER, dict(role="assistant", content="Yes.")],
    [dict(role="system", content="Short."), USER, dict(role="assistant", content="Yes."), dict(role="user", content="é ü 你好 {{ x }}")],
]

cases = []
for name, template in TEMPLATES.items():
    for messages in CONVERSATIONS:
        for prompt in (False, True):
            text = render_jinja_template([messages], chat_template=template, add_generation_prompt=prompt,
                                         bos_token="<s>", eos_token="</s>")[0][0]
            cases.append(dict(name=name, template=template, messages=messages, prompt=prompt, text=text))
json.dump(cases, open(sys.argv[1], "w"), indent=1)
