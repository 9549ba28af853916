export const texts = {
  name: "Kyso",
  title: "Ký số",
  otherLanguage: "English",
  back: "Danh sách chờ",
  loading: "Đang tải…",

  welcomeTitle: "Điện thoại này chưa được ghi danh",
  welcome: "Hãy mở đường dẫn mời mà nơi đăng ký đã đưa cho bạn, trên chính điện thoại này.",

  enrolTitle: "Ghi danh điện thoại này",
  enrol:
    "Điện thoại sẽ tạo một khóa phê duyệt (passkey). Từ đó, chỉ bạn, bằng vân tay, khuôn mặt hoặc mã mở khóa của điện thoại này, mới có thể ký.",
  deviceName: "Tên điện thoại",
  defaultDeviceName: "Điện thoại của tôi",
  createPasskey: "Tạo khóa phê duyệt",
  enrolledAlready: "Điện thoại này đã được ghi danh",
  linkBroken: "Đường dẫn này không đầy đủ. Hãy mở lại đúng đường dẫn mà bạn nhận được.",

  bindTitle: "Đây có phải là bạn?",
  bind: "Khóa ký mới sẽ thuộc về người này, và chỉ điện thoại này phê duyệt được:",
  bindConfirm: "Đúng là tôi",
  shortCode: "Mã ngắn của điện thoại",
  compare: "Đọc mã này cho nhân viên đăng ký. Họ phải thấy đúng mã này trên màn hình của họ.",
  waitingOffice: "Đang chờ nơi đăng ký xác nhận",
  boundTitle: "Đã ghi danh xong",
  bound: "Nơi đăng ký đã xác nhận điện thoại này. Yêu cầu ký sẽ hiện ở danh sách chờ.",

  inboxTitle: "Chờ bạn xem",
  inboxEmpty: "Không có gì đang chờ.",
  stale: "Không kết nối được. Danh sách có thể đã cũ; chưa thể ký.",
  unnamedRequester: "Bên không tên",

  signTitle: "Bạn có muốn ký?",
  requester: "Bên yêu cầu",
  ownWords: "Mục đích, theo lời bên yêu cầu",
  code: "Mã trên màn hình kia phải là",
  typeNumber: "Nhập số đang hiện trên màn hình kia",
  unnamedDocument: "(tài liệu không tên)",
  signer: "Ký với chứng thư của",
  algorithm: "Thuật toán",
  technical: "Chi tiết kỹ thuật",
  timeLeft: "Còn lại",
  timeOver: "Đã hết giờ trả lời. Bên yêu cầu có thể hỏi lại.",

  approve: "Ký",
  reject: "Từ chối",
  notMine: "Tôi không bắt đầu việc này",
  notMineMeans: "“Tôi không bắt đầu việc này” còn tạm khóa việc ký của bạn, cho đến khi nơi đăng ký mở lại.",

  doneSigned: "Đã ký",
  doneApproved: "Đã phê duyệt",
  doneApprovedText: "Bên yêu cầu nhận chữ ký ngay bây giờ.",
  doneRejected: "Đã từ chối",
  doneNotMine: "Đã báo: bạn không bắt đầu việc này",
  doneNotMineText: "Việc ký của bạn đang tạm khóa. Hãy liên hệ nơi đăng ký.",
  doneExpired: "Đã hết giờ",
  doneOther: "Yêu cầu này đã kết thúc",
  doneText: "Không có gì được ký.",
  receipts: "Biên nhận của mô-đun",

  refusedTitle: "Điện thoại từ chối yêu cầu này",
  refused:
    "Điều được hiện và điều được yêu cầu ký không khớp nhau. Không có gì được ký. Hãy báo cho nơi đăng ký.",
  refusedDetail: "Điều không khớp",

  wrongNumber: "Đó không phải số trên màn hình kia. Yêu cầu đã kết thúc.",
  cancelled: "Đã hủy. Bạn có thể thử lại.",
  noPasskeys: "Trình duyệt này không tạo được khóa phê duyệt phù hợp.",
  offline: "Không kết nối được máy chủ. Hãy thử lại.",
  sessionOver: "Điện thoại này không còn được máy chủ nhận ra. Hãy liên hệ nơi đăng ký.",
  notFound: "Không tìm thấy, đã hết hạn hoặc đã dùng rồi.",
  notAccepted: "Máy chủ không chấp nhận.",
  failed: "Có lỗi xảy ra. Hãy thử lại.",

  documents: (count: number) => `${count} tài liệu`,
  secondsLeft: (seconds: number) => `Còn ${seconds} giây để trả lời.`,
};

// What every language has to say: one that lacks a text does not compile.
export type Texts = typeof texts;
