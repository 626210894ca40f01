"""The templates an area starts with: machine drafts until somebody of the area has written them.

Each is a greeting, its own sentences and an end; what all share is said once a language.
"""

from services.multilingual.domain.help_template import Template

LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant", "fr", "de", "es", "th", "vi", "id")

# In the order of LOCALES, here and below.
_BEGIN = (
    "お問い合わせありがとうございます。",
    "Thank you for writing to us.",
    "문의해 주셔서 감사합니다.",
    "感谢您的来信。",
    "感謝您的來信。",
    "Merci de nous avoir écrit.",
    "Vielen Dank für Ihre Nachricht.",
    "Gracias por escribirnos.",
    "ขอบคุณที่ติดต่อเรา",
    "Cảm ơn bạn đã viết cho chúng tôi.",
    "Terima kasih telah menulis kepada kami.",
)
_END = (
    "お電話でも承ります：{phone}",
    "You can also call us: {phone}",
    "전화로도 문의하실 수 있습니다: {phone}",
    "您也可以致电：{phone}",
    "您也可以來電：{phone}",
    "Vous pouvez aussi nous appeler : {phone}",
    "Sie können uns auch anrufen: {phone}",
    "También puede llamarnos: {phone}",
    "โทรหาเราได้ที่ {phone}",
    "Bạn cũng có thể gọi cho chúng tôi: {phone}",
    "Anda juga dapat menelepon kami: {phone}",
)
HOURS = "{hours}"  # a line of its own: left out where nobody has said any
_WORDS: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("found", 1, (
        "お忘れ物が見つかりました。受け取りの際は、お名前と品物の特徴をお伝えください。",
        ("We have found what you lost. When you collect it, please tell us your name and what it "
         "looks like."),
        "분실물을 찾았습니다. 찾으러 오실 때 성함과 물건의 특징을 말씀해 주세요.",
        "您遗失的物品已找到。领取时请告知您的姓名和物品特征。",
        "您遺失的物品已找到。領取時請告知您的姓名和物品特徵。",
        ("Nous avons retrouvé votre objet. Pour le récupérer, donnez-nous votre nom et "
         "décrivez-le."),
        ("Wir haben gefunden, was Sie verloren haben. Nennen Sie beim Abholen bitte Ihren Namen "
         "und beschreiben Sie den Gegenstand."),
        "Hemos encontrado lo que perdió. Al recogerlo, díganos su nombre y cómo es el objeto.",
        "เราพบของที่คุณทำหายแล้ว เมื่อมารับโปรดแจ้งชื่อและลักษณะของสิ่งของ",
        "Chúng tôi đã tìm thấy đồ bạn đánh mất. Khi đến nhận, xin cho biết tên và mô tả món đồ.",
        ("Barang Anda yang hilang sudah ditemukan. Saat mengambilnya, sebutkan nama Anda dan ciri "
         "barang itu."),
    )),
    ("not-found", 1, (
        "お探しの品物は、まだ見つかっていません。見つかりましたら、このページでお知らせします。",
        "We have not found it yet. If we do, we will say so on this page.",
        "아직 찾지 못했습니다. 찾으면 이 페이지에서 알려 드리겠습니다.",
        "目前尚未找到。如果找到，我们会在此页面告知您。",
        "目前尚未找到。如果找到，我們會在此頁面告知您。",
        ("Nous ne l’avons pas encore retrouvé. Si nous le retrouvons, nous l’écrirons sur cette "
         "page."),
        "Wir haben es noch nicht gefunden. Wenn wir es finden, schreiben wir es auf dieser Seite.",
        "Todavía no lo hemos encontrado. Si lo encontramos, lo diremos en esta página.",
        "เรายังไม่พบสิ่งของของคุณ หากพบ เราจะแจ้งในหน้านี้",
        "Chúng tôi chưa tìm thấy. Nếu tìm thấy, chúng tôi sẽ báo trên trang này.",
        "Kami belum menemukannya. Jika ditemukan, kami akan memberi tahu di halaman ini.",
    )),
    ("payment", 2, (
        ("お支払いの記録を確認します。カード番号は書かないでください。"
         "レシートの番号だけで調べられます。"),
        ("We are looking at the record of your payment. Please do not write the number of your "
         "card: the number of the receipt is enough."),
        ("결제 기록을 확인하고 있습니다. 카드 번호는 적지 마세요. 영수증 번호만으로 확인할 수 "
         "있습니다."),
        "我们正在核对您的付款记录。请不要写银行卡号，有收据编号就够了。",
        "我們正在核對您的付款紀錄。請不要寫卡號，有收據編號就夠了。",
        ("Nous vérifions votre paiement. N’écrivez pas votre numéro de carte : le numéro du reçu "
         "suffit."),
        ("Wir prüfen Ihre Zahlung. Schreiben Sie bitte keine Kartennummer: Die Nummer des Belegs "
         "genügt."),
        ("Estamos comprobando su pago. No escriba el número de su tarjeta: basta el número del "
         "recibo."),
        "เรากำลังตรวจสอบบันทึกการชำระเงิน โปรดอย่าเขียนหมายเลขบัตร ใช้เลขที่ใบเสร็จก็พอ",
        "Chúng tôi đang kiểm tra khoản thanh toán. Xin đừng viết số thẻ: chỉ cần số hóa đơn.",
        ("Kami sedang memeriksa pembayaran Anda. Jangan tulis nomor kartu: nomor struk sudah "
         "cukup."),
    )),
    ("broken", 3, (
        "「{stop}」の件をお知らせくださり、助かりました。係の者が確認します。",
        "You told us about “{stop}”, which helps us. Our staff will look at it.",
        "‘{stop}’에 대해 알려 주셔서 도움이 되었습니다. 직원이 확인하겠습니다.",
        "感谢您告知“{stop}”的情况。工作人员会去查看。",
        "感謝您告知「{stop}」的情況。工作人員會去查看。",
        "Votre message à propos de « {stop} » nous aide. Notre personnel ira voir.",
        "Ihr Hinweis zu „{stop}“ hilft uns. Unser Personal sieht nach.",
        "Su aviso sobre «{stop}» nos ayuda. Nuestro personal lo revisará.",
        "ขอบคุณที่แจ้งเรื่อง “{stop}” เจ้าหน้าที่จะไปตรวจสอบ",
        "Tin báo của bạn về “{stop}” giúp ích cho chúng tôi. Nhân viên sẽ kiểm tra.",
        "Laporan Anda tentang “{stop}” membantu kami. Petugas akan memeriksanya.",
    )),
    ("text", 4, (
        "「{stop}」の説明を確かめて、誤りがあれば直します。",
        "We will check the text about “{stop}” and correct it where it is wrong.",
        "‘{stop}’의 설명을 확인하고 잘못된 곳을 고치겠습니다.",
        "我们会核对“{stop}”的说明，如有错误会改正。",
        "我們會核對「{stop}」的說明，如有錯誤會改正。",
        "Nous vérifierons le texte sur « {stop} » et corrigerons les erreurs.",
        "Wir prüfen den Text über „{stop}“ und berichtigen, was falsch ist.",
        "Revisaremos el texto sobre «{stop}» y corregiremos los errores.",
        "เราจะตรวจข้อความเกี่ยวกับ “{stop}” และแก้ไขหากมีข้อผิดพลาด",
        "Chúng tôi sẽ kiểm tra nội dung về “{stop}” và sửa chỗ sai.",
        "Kami akan memeriksa teks tentang “{stop}” dan memperbaiki yang salah.",
    )),
    ("call", 5, (
        "この件はお電話でお話しさせてください。",
        "Please call us: this is easier to talk about.",
        "이 건은 전화로 말씀 나누고 싶습니다.",
        "此事请电话联系，这样更清楚。",
        "此事請以電話聯絡，這樣更清楚。",
        "Appelez-nous, s’il vous plaît : il est plus simple d’en parler.",
        "Rufen Sie uns bitte an: Das lässt sich leichter besprechen.",
        "Llámenos, por favor: es más fácil hablarlo.",
        "เรื่องนี้โปรดโทรคุยกับเรา จะสะดวกกว่า",
        "Việc này xin gọi cho chúng tôi để trao đổi dễ hơn.",
        "Untuk hal ini silakan telepon kami, lebih mudah dibicarakan.",
    )),
)  # fmt: skip

FIRST_TEMPLATES = tuple(
    Template(
        template_id,
        topic,
        {
            locale: "\n".join((begin, text, end, HOURS))
            for locale, begin, text, end in zip(LOCALES, _BEGIN, words, _END, strict=True)
        },
        frozenset(LOCALES),
    )
    for template_id, topic, words in _WORDS
)
