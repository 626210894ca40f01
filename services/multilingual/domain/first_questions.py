"""The survey an area starts with: machine drafts until somebody of the area has read them."""

from services.multilingual.domain.survey import PREFECTURES, Kind, Label, Option, Question

LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant", "fr", "de", "es", "th", "vi", "id")
# The languages the guide is mostly read in, and their neighbors; ZZ is any other country.
COUNTRIES = ("JP", "KR", "TW", "CN", "HK", "TH", "VN", "ID", "SG", "AU", "US", "GB", "FR", "DE",
             "ES", "ZZ")  # fmt: skip


def _label(*texts: str) -> Label:
    return Label(dict(zip(LOCALES, texts, strict=True)), frozenset(LOCALES))


def _options(**labels: tuple[str, ...]) -> tuple[Option, ...]:
    return tuple(Option(option_id, _label(*texts)) for option_id, texts in labels.items())


FIRST_QUESTIONS: tuple[Question, ...] = (
    Question(
        "country",
        Kind.COUNTRY,
        _label(
            "どちらにお住まいですか", "Where do you live?", "어디에 사세요?", "您住在哪里？",
            "您住在哪裡？", "Où habitez-vous ?", "Wo wohnen Sie?", "¿Dónde vive?",
            "คุณอาศัยอยู่ที่ไหน", "Bạn sống ở đâu?", "Anda tinggal di mana?",
        ),
        tuple(Option(code) for code in COUNTRIES),
    ),
    Question(
        "prefecture",
        Kind.PREFECTURE,
        _label(
            "都道府県", "Prefecture in Japan", "일본의 도도부현", "日本的都道府县",
            "日本的都道府縣", "Préfecture au Japon", "Präfektur in Japan", "Prefectura en Japón",
            "จังหวัดในญี่ปุ่น", "Tỉnh ở Nhật Bản", "Prefektur di Jepang",
        ),
        tuple(Option(code) for code in PREFECTURES),
    ),
    Question(
        "party",
        Kind.CHOICE,
        _label(
            "どなたと一緒ですか", "Who are you here with?", "누구와 함께 오셨나요?",
            "您和谁一起来？", "您和誰一起來？", "Avec qui êtes-vous ici ?",
            "Mit wem sind Sie hier?", "¿Con quién está aquí?", "คุณมากับใคร",
            "Bạn đi cùng ai?", "Anda datang dengan siapa?",
        ),
        _options(
            alone=("ひとり", "Alone", "혼자", "独自一人", "獨自一人", "Seul(e)", "Allein", "Solo/a",
                   "คนเดียว", "Một mình", "Sendiri"),
            couple=("ふたり（夫婦・恋人）", "As a couple", "부부·연인", "夫妻或情侣", "夫妻或情侶",
                    "En couple", "Als Paar", "En pareja", "คู่รัก", "Cặp đôi", "Berdua, pasangan"),
            children=("子どもと一緒の家族", "Family with children", "아이와 함께한 가족",
                      "带孩子的家庭", "帶孩子的家庭", "En famille avec enfants",
                      "Familie mit Kindern", "Familia con niños", "ครอบครัวที่มีเด็ก",
                      "Gia đình có trẻ em", "Keluarga dengan anak"),
            adults=("おとなの家族", "Family, adults only", "성인 가족", "成年家人", "成年家人",
                    "En famille, entre adultes", "Familie ohne Kinder", "Familia, solo adultos",
                    "ครอบครัวผู้ใหญ่", "Gia đình người lớn", "Keluarga dewasa"),
            friends=("友だち・知人", "Friends", "친구·지인", "朋友", "朋友", "Entre amis",
                     "Freunde", "Amigos", "เพื่อน", "Bạn bè", "Teman"),
            group=("団体・ツアー", "Group or tour", "단체·투어", "团体或旅行团", "團體或旅行團",
                   "Groupe ou circuit", "Gruppe oder Reisegruppe", "Grupo o excursión",
                   "กลุ่มหรือทัวร์", "Đoàn hoặc tour", "Rombongan atau tur"),
        ),
    ),
    Question(
        "transport",
        Kind.CHOICE,
        _label(
            "ここまで何で来ましたか", "How did you come here?", "여기까지 무엇을 타고 오셨나요?",
            "您怎么来到这里？", "您怎麼來到這裡？", "Comment êtes-vous venu(e) ?",
            "Wie sind Sie hergekommen?", "¿Cómo ha llegado aquí?", "คุณเดินทางมาที่นี่อย่างไร",
            "Bạn đến đây bằng gì?", "Anda datang ke sini naik apa?",
        ),
        _options(
            car=("自家用車", "Own car", "자가용", "私家车", "自用車", "Voiture personnelle",
                 "Eigenes Auto", "Coche propio", "รถส่วนตัว", "Ô tô riêng", "Mobil sendiri"),
            rental=("レンタカー", "Rental car", "렌터카", "租车", "租車", "Voiture de location",
                    "Mietwagen", "Coche de alquiler", "รถเช่า", "Xe thuê", "Mobil sewaan"),
            bus=("路線バス", "Public bus", "노선버스", "公交车", "公車", "Bus de ligne",
                 "Linienbus", "Autobús de línea", "รถประจำทาง", "Xe buýt", "Bus umum"),
            coach=("貸切・観光バス", "Tour coach", "전세·관광버스", "旅游巴士", "遊覽車",
                   "Car de tourisme", "Reisebus", "Autocar turístico", "รถบัสทัวร์", "Xe du lịch",
                   "Bus wisata"),
            taxi=("タクシー", "Taxi", "택시", "出租车", "計程車", "Taxi", "Taxi", "Taxi", "แท็กซี่",
                  "Taxi", "Taksi"),
            bike=("バイク・自転車", "Motorcycle or bicycle", "오토바이·자전거", "摩托车或自行车",
                  "機車或腳踏車", "Moto ou vélo", "Motorrad oder Fahrrad", "Moto o bicicleta",
                  "มอเตอร์ไซค์หรือจักรยาน", "Xe máy hoặc xe đạp", "Sepeda motor atau sepeda"),
            other=("そのほか", "Another way", "기타", "其他方式", "其他方式", "Autrement", "Anders",
                   "De otra forma", "วิธีอื่น", "Cách khác", "Cara lain"),
        ),
    ),
    Question(
        "heard",
        Kind.CHOICE,
        _label(
            "ここを何で知りましたか", "How did you hear about this place?",
            "이곳을 어떻게 알게 되셨나요?", "您是怎么知道这里的？", "您是怎麼知道這裡的？",
            "Comment avez-vous connu ce lieu ?", "Wie haben Sie von diesem Ort erfahren?",
            "¿Cómo conoció este lugar?", "คุณรู้จักที่นี่จากไหน", "Bạn biết nơi này qua đâu?",
            "Dari mana Anda tahu tempat ini?",
        ),
        _options(
            search=("検索・地図アプリ", "Web search or map", "검색·지도 앱", "搜索或地图应用",
                    "搜尋或地圖應用程式", "Recherche ou carte en ligne", "Suche oder Karte im Netz",
                    "Búsqueda o mapa en línea", "ค้นหาหรือแผนที่ออนไลน์",
                    "Tìm kiếm hoặc bản đồ mạng", "Pencarian atau peta daring"),
            social=("SNS・動画", "Social media or video", "SNS·동영상", "社交媒体或视频",
                    "社群媒體或影片", "Réseaux sociaux ou vidéo", "Soziale Medien oder Video",
                    "Redes sociales o vídeo", "โซเชียลหรือวิดีโอ", "Mạng xã hội hoặc video",
                    "Media sosial atau video"),
            friends=("家族・友人から", "Family or friends", "가족·지인", "家人或朋友", "家人或朋友",
                     "Famille ou amis", "Familie oder Freunde", "Familia o amigos",
                     "ครอบครัวหรือเพื่อน", "Gia đình hoặc bạn bè", "Keluarga atau teman"),
            print=("本・雑誌・チラシ", "Book, magazine or leaflet", "책·잡지·전단",
                   "书、杂志或传单", "書、雜誌或傳單", "Livre, magazine ou dépliant",
                   "Buch, Zeitschrift, Faltblatt", "Libro, revista o folleto",
                   "หนังสือ นิตยสาร หรือแผ่นพับ",
                   "Sách, tạp chí, tờ rơi", "Buku, majalah, brosur"),
            agency=("旅行会社・ツアー", "Travel agency or tour", "여행사·투어", "旅行社或旅行团",
                    "旅行社或旅行團", "Agence de voyages ou circuit", "Reisebüro oder Reise",
                    "Agencia de viajes", "บริษัททัวร์", "Công ty du lịch", "Biro perjalanan"),
            before=("来たことがある", "I was here before", "전에 와 본 적이 있다", "以前来过",
                    "以前來過", "Déjà venu(e)", "War schon einmal hier", "Ya estuve aquí",
                    "เคยมาแล้ว", "Đã từng đến", "Pernah ke sini"),
            other=("そのほか", "Another way", "기타", "其他", "其他", "Autrement", "Anders",
                   "De otra forma", "ทางอื่น", "Cách khác", "Cara lain"),
        ),
    ),
)  # fmt: skip
